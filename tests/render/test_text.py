from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.formats.assemble import SHELL, call, good_safetensors, pickle, text

from modelward.core import finding
from modelward.core.finding import Confidence, Coverage, Finding, Severity, Verdict
from modelward.render import text as render
from modelward.render.examined import together
from modelward.scan.engine import Report, scan


def report(path: Path, *, ledger: bool = False) -> str:
    return render.report(together([(str(path), scan(path))]), 0, ledger=ledger)


def test_result_line_ends_with_the_exit_code() -> None:
    assert (
        render.result(Verdict.CLEAN, 0)
        == "result: clean                                                 (exit 0)"
    )


def test_untrusted_text_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a\u202eb.bin"
    path.write_bytes(pickle(call("m\x1b[31m", "f", text("\x1b[2J"))))
    shown = report(path)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "m\\x1b[31m.f('\\x1b[2J')" in shown
    assert "a\\u202eb.bin" in shown


def test_finding_without_an_offset_and_repeated_ones(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "m.M"}}')
    (tmp_path / "x.bin").write_bytes(pickle(call("m", "f"), call("m", "f")))
    assert report(tmp_path).splitlines()[:10] == [
        "warning[remote-code]: this configuration names code: transformers runs the Python file it names",
        "  --> config.json",
        "   | /auto_map: {'AutoModel': 'm.M'}",
        "   = help: read the code it names, or load the model without it",
        "   = more: modelward rule remote-code",
        "warning[pickle-unknown-global]: loading this file uses m.f: "
        "it is not among the globals known to be safe (4 times)",
        "  --> x.bin, byte 9",
        "   | 0x0009  REDUCE   m.f()",
        "   |         ^^^^^^   called while the file loads",
        "   = help: ask the publisher for safetensors, or find out what this global does",
    ]


def test_rule_is_explained_once(tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        (tmp_path / name).write_bytes(pickle(SHELL))
    assert report(tmp_path).count("= more: modelward rule pickle-unsafe-call") == 1


def test_long_lists_of_unexamined_files_are_cut(tmp_path: Path) -> None:
    for number in range(render.MAX_LISTED + 5):
        (tmp_path / f"{number}.blob").write_bytes(b"\x00")
    lines = report(tmp_path).splitlines()
    assert lines[-3] == "not examined: … and 5 more (-v lists all)"
    assert lines[-2] == "55 files: 0 examined, 55 not. 0 errors, 0 warnings, 0 suppressed"


def test_one_clean_file(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(good_safetensors())
    assert report(path).splitlines()[0] == "1 file: 1 examined, 0 not. 0 errors, 0 warnings, 0 suppressed"


def test_whole_ledger(tmp_path: Path) -> None:
    (tmp_path / "a.blob").write_bytes(b"\x00")
    (tmp_path / "model.safetensors").write_bytes(good_safetensors())
    assert report(tmp_path, ledger=True).splitlines()[:2] == [
        "not examined: a.blob (unknown format, starts 00)",
        "examined: model.safetensors (safetensors)",
    ]


def one(findings: list[Finding], shown: list[Finding] | None = None, **more: Any) -> Report:
    """The report of an artifact of one file."""
    everything = finding.Report(findings, [Coverage("a", "x", examined=True)])
    shown = findings if shown is None else shown
    return Report(shown, everything.coverage, everything=everything, files=1, examined=1, **more)


def test_confidence_is_told_where_it_is_not_high() -> None:
    found = Finding("r", Severity.WARNING, "it may", "a", confidence=Confidence.LOW)
    result = one([found])
    shown = render.report(together([("a", result)]), 1)
    assert shown.splitlines()[0] == "warning[r]: it may (low confidence)"


def test_remote_artifact_says_what_was_declared_and_fetched() -> None:
    result = one([], declared="gitCommit:00\x1b", fetched=7)
    assert render.report(together([("hf://a/b", result)]), 0).splitlines() == [
        "declared: hf://a/b is gitCommit:00\\x1b, not checked",
        "fetched: 7 bytes of hf://a/b",
        "1 file: 1 examined, 0 not. 0 errors, 0 warnings, 0 suppressed",
        "result: clean                                                 (exit 0)",
    ]


def test_suppressed_findings_are_counted() -> None:
    found = Finding("r", Severity.ERROR, "it does", "a")
    result = one([found], shown=[])
    shown = render.report(together([("a", result)]), 0)
    assert shown.splitlines()[0] == "1 file: 1 examined, 0 not. 0 errors, 0 warnings, 1 suppressed"
