"""`modelward scan`, exactly as it is printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.formats.assemble import STOP, fetch, good_safetensors, text

Command = Callable[..., Any]

#: posix.system('id') as CPython's pickler writes it, without the last memo entry.
SHELL = b"\x80\x02" + fetch("posix", "system") + b"q\x00" + text("id") + b"q\x01" + b"\x85R" + STOP


@pytest.fixture
def scorer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from tests.formats.assemble import Zip

    folder = tmp_path / "fraud-scorer"
    folder.mkdir()
    archive = Zip().add("archive/data.pkl", SHELL).add("archive/version", b"3\n")
    (folder / "pytorch_model.bin").write_bytes(archive.bytes())
    (folder / "adapter.blob").write_bytes(b"\x1f\x9d\x90...")
    (folder / "config.json").write_text("{}")
    (folder / "README.md").write_text("# fraud scorer\n")
    monkeypatch.chdir(tmp_path)
    return folder


def test_report_on_a_malicious_model(scorer: Path, command: Command) -> None:
    done = command("scan", "./fraud-scorer")
    assert done.err == ""
    assert done.code == 1
    assert done.out == (
        "error[pickle-unsafe-call]: loading this file runs a shell command\n"
        "  --> pytorch_model.bin!archive/data.pkl, byte 28\n"
        "   | 0x001c  REDUCE   posix.system('id')\n"
        "   |         ^^^^^^   called while the file loads\n"
        "   = help: do not load it; ask the publisher for safetensors\n"
        "   = more: modelward rule pickle-unsafe-call\n"
        "not examined: adapter.blob (unknown format, starts 1f 9d 90)\n"
        "4 files: 3 examined, 1 not. 1 error, 0 warnings, 0 suppressed\n"
        "result: malicious                                             (exit 1)\n"
    )


@pytest.mark.parametrize(
    ("name", "data", "verdict", "code"),
    [
        ("model.safetensors", good_safetensors(), "clean", 0),
        ("model.gguf", b"GGUF\x03\x00", "incomplete", 2),
        ("config.json", b'{"auto_map": {"AutoModel": "m.M"}}', "unverified", 1),
        ("model.bin", SHELL, "malicious", 1),
    ],
)
def test_verdict_is_the_exit_code(
    tmp_path: Path, command: Command, name: str, data: bytes, verdict: str, code: int
) -> None:
    (tmp_path / name).write_bytes(data)
    done = command("scan", "-q", tmp_path / name)
    assert done.code == code
    assert done.out == f"{f'result: {verdict}':<62}(exit {code})\n"


def test_one_no_beats_could_not_tell(scorer: Path, command: Command) -> None:
    clean = scorer.parent / "model.safetensors"
    clean.write_bytes(good_safetensors())
    done = command("scan", clean, scorer / "adapter.blob", scorer / "pytorch_model.bin")
    assert done.code == 1
    assert f"  --> {scorer}/pytorch_model.bin!archive/data.pkl, byte 28\n" in done.out
    assert f"not examined: {scorer}/adapter.blob (" in done.out
    assert "3 files: 2 examined, 1 not." in done.out


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"]])
def test_json_is_one_object_with_the_verdict_at_its_top(
    scorer: Path, command: Command, option: list[str]
) -> None:
    done = command("scan", scorer, *option)
    document = json.loads(done.out)
    assert done.code == document["exit_code"] == 1
    assert document["verdict"] == "malicious"
    assert document["artifacts"][0]["files"] == 4


def test_sarif(scorer: Path, command: Command) -> None:
    done = command("scan", scorer, "--format", "sarif")
    assert done.code == 1
    assert json.loads(done.out)["version"] == "2.1.0"


def test_missing_path_does_not_keep_the_others_from_being_examined(scorer: Path, command: Command) -> None:
    done = command("scan", scorer, scorer / "missing")
    assert done.code == 1  # malicious beats unreadable
    assert done.out.endswith("(exit 1)\n")
    assert done.err.startswith(f"error: {scorer}/missing: there is no such file or directory\n")


def test_missing_path_beside_a_clean_one_is_no_yes(tmp_path: Path, command: Command) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert command("scan", tmp_path).code == 0
    assert command("scan", tmp_path, tmp_path / "missing").code == 2


def test_only_missing_paths(tmp_path: Path, command: Command) -> None:
    done = command("scan", tmp_path / "missing")
    assert (done.code, done.out) == (2, "")


def test_nothing_to_examine_is_not_clean(tmp_path: Path, command: Command) -> None:
    done = command("scan", tmp_path)
    assert done.code == 2
    assert done.out.startswith("0 files: 0 examined, 0 not.")
