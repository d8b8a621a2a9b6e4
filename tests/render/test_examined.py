from __future__ import annotations

from pathlib import Path

from tests.formats.assemble import SHELL, call, good_safetensors, pickle

from modelward.core import finding
from modelward.core.finding import Coverage, Verdict
from modelward.render.examined import folder, together, worst
from modelward.scan.engine import Report, scan


def results(tmp_path: Path, **files: bytes) -> list[tuple[str, Report]]:
    found = []
    for name, data in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        found.append((str(path), scan(path)))
    return found


def test_paths_of_several_artifacts_are_told_apart(tmp_path: Path) -> None:
    one = together(results(tmp_path, a=pickle(SHELL)))
    assert [finding.path for finding in one[0].findings()] == ["a"]
    two = together(results(tmp_path, a=pickle(SHELL), b=good_safetensors()))
    assert [finding.path for finding in two[0].findings()] == [f"{tmp_path}/a"]
    assert [entry.path for entry in two[1].coverage()] == [f"{tmp_path}/b"]


def test_folder_among_several_artifacts(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00")
    examined = together([(f"{tmp_path}/", scan(tmp_path)), (str(tmp_path / "x"), scan(tmp_path / "x"))])
    assert [entry.path for one in examined for entry in one.coverage()] == [f"{tmp_path}/x"] * 2


def test_gravest_findings_come_first(tmp_path: Path) -> None:
    (one,) = together(results(tmp_path, a=pickle(call("m", "f"), SHELL)))
    assert [finding.severity.value for finding in one.findings()] == ["error", "warning"]


def test_worst_verdict_wins(tmp_path: Path) -> None:
    files = {
        "clean": good_safetensors(),
        "odd": b"\x00",
        "unknown": pickle(call("m", "f")),
        "evil": pickle(SHELL),
    }
    examined = together(results(tmp_path, **files))
    assert [worst(examined[:count]) for count in (1, 2, 3, 4)] == [
        Verdict.CLEAN,
        Verdict.INCOMPLETE,
        Verdict.UNVERIFIED,
        Verdict.MALICIOUS,
    ]
    assert worst(()) is Verdict.INCOMPLETE


def test_address_of_one_file_is_its_place() -> None:
    coverage = [Coverage("a/b.bin", "pickle", examined=True)]
    everything = finding.Report(coverage=coverage)
    result = Report(coverage=coverage, everything=everything, files=1, examined=1)
    assert folder("https://host/a/b.bin", result) == "https://host/"
    assert folder("hf://org/name", result) == "hf://org/name/"
