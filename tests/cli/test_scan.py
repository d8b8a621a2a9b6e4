"""`modelward scan`, exactly as it is printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from tests.formats.assemble import STOP, fetch, good_safetensors, text

from modelward.artifact.hashing import digest_of

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
    assert done.out.startswith("not examined: . (there are no files in it)\n0 files: 0 examined, 0 not.")


def test_report_that_cannot_be_written_is_told_before_the_work(scorer: Path, command: Command) -> None:
    done = command("scan", scorer, "-o", scorer)
    assert (done.code, done.out) == (2, "")
    assert "is a directory" in done.err


def test_two_formats_contradict_each_other(scorer: Path, command: Command) -> None:
    done = command("scan", scorer, "--json", "--format", "html")
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --json contradicts --format html\nhelp: give one of them\n"


def test_how_to_sign_needs_sign(scorer: Path, command: Command) -> None:
    done = command("scan", scorer, "--key", "file:k")
    assert (done.code, done.err) == (2, "error: --key says how to sign\nhelp: give --sign too\n")


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (SHELL, {"malicious": 1, "unverified": 1, "incomplete": 1}),
        (b'{"auto_map": {"AutoModel": "m.M"}}', {"malicious": 0, "unverified": 1, "incomplete": 1}),
        (b"\x00\x01", {"malicious": 0, "unverified": 0, "incomplete": 2}),
        (b"{}", {"malicious": 0, "unverified": 0, "incomplete": 0}),
    ],
)
def test_exit_code_from_a_verdict_on(
    tmp_path: Path, command: Command, data: bytes, codes: dict[str, int]
) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(data)
    for verdict, code in codes.items():
        done = command("scan", path, "--fail-on", verdict)
        assert done.code == code
        assert done.out.endswith(f"(exit {code})\n")
        assert json.loads(command("scan", path, "--json", "--fail-on", verdict).out)["exit_code"] == code


def test_report_in_a_file_and_as_text(scorer: Path, command: Command) -> None:
    done = command("scan", scorer, "--format", "sarif", "-o", "out/report.sarif", "-q")
    assert done.code == 1
    assert done.out == f"{'result: malicious':<62}(exit 1)\n"
    assert json.loads(Path("out/report.sarif").read_text())["version"] == "2.1.0"
    done = command("scan", scorer, "--format", "html", "--output", "report.html")
    assert done.out.startswith("error[pickle-unsafe-call]")
    assert Path("report.html").read_text().startswith("<!doctype html>")
    assert command("scan", scorer, "--format", "html").out.startswith("<!doctype html>")


def test_stream(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def pipe(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(data)))

    pipe(SHELL)
    done = command("scan", "-")
    assert done.code == 1
    assert "  --> stdin, byte 28\n" in done.out
    pipe(good_safetensors())
    assert command("scan", "-").code == 0
    pipe(good_safetensors())
    done = command("scan", "-", "--max-bytes", "10")
    assert done.code == 2
    assert "not examined: stdin (only its first 10 bytes were read)\n" in done.out


def test_every_file_is_listed_if_asked_for(scorer: Path, command: Command) -> None:
    assert "examined: config.json (json)\n" in command("scan", scorer, "-v").out


def test_digest_is_there_if_asked_for(scorer: Path, command: Command) -> None:
    (artifact,) = json.loads(command("scan", scorer, "--json").out)["artifacts"]
    assert artifact["digest"] is None
    (artifact,) = json.loads(command("scan", scorer, "--json", "--digest").out)["artifacts"]
    assert artifact["digest"].startswith("dirHash:")


def settings(path: Path, until: str = "2999-01-01") -> str:
    return (
        f'[[suppress]]\nrule = "pickle-unsafe-call"\ndigest = "{digest_of(path)}"\n'
        f'reason = "a test"\nuntil = {until}\n'
    )


def test_suppression_of_the_working_directory(scorer: Path, command: Command) -> None:
    Path("modelward.toml").write_text(settings(scorer / "pytorch_model.bin"))
    done = command("scan", scorer)
    assert done.err == ""
    assert done.code == 2
    assert "0 errors, 0 warnings, 1 suppressed\nresult: incomplete" in done.out
    Path("modelward.toml").unlink()
    inner = settings(scorer / "pytorch_model.bin").replace("[[suppress]]", "[[tool.modelward.suppress]]")
    Path("pyproject.toml").write_text(inner)
    assert command("scan", scorer).code == 2


def test_suppression_that_hides_nothing_is_told(scorer: Path, command: Command) -> None:
    Path("modelward.toml").write_text(settings(scorer / "pytorch_model.bin", "2020-01-01"))
    done = command("scan", scorer)
    assert done.code == 1
    assert "expired on 2020-01-01" in done.err
    Path("modelward.toml").write_text(settings(scorer / "config.json"))
    assert "hides nothing here" in command("scan", scorer).err


def test_configuration_in_what_is_examined_is_not_read(
    scorer: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote the model does not say what is shown of it."""
    monkeypatch.chdir(scorer)
    digest = settings(scorer / "pytorch_model.bin")
    Path("modelward.toml").write_text(digest)
    for path in (".", scorer, scorer.parent, scorer / "modelward.toml"):
        done = command("scan", path)
        assert "suppressed" in done.out
        assert "1 suppressed" not in done.out
        assert "note: modelward.toml lies in what is examined" in done.err
    done = command("scan", ".", "--config", "modelward.toml")
    assert "1 suppressed" in done.out
    assert command("scan", ".", "--config", "missing.toml").code == 2


def test_settings_that_cannot_be_read_are_told_once(scorer: Path, command: Command) -> None:
    Path("modelward.toml").write_text("x")
    done = command("scan", scorer, scorer)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("modelward.toml") == 1


def test_settings_that_cannot_be_meant_are_errors(scorer: Path, command: Command) -> None:
    Path("modelward.toml").write_text("[scan]\nallow = 1\n")
    done = command("scan", scorer)
    assert done.code == 2
    assert "unknown setting 'allow'" in done.err


def test_address_that_cannot_be_read(command: Command) -> None:
    done = command("scan", "http://127.0.0.1:9/model.bin")
    assert done.code == 2
    assert done.err.startswith("error: http://127.0.0.1:9/model.bin: the server does not answer")


def test_remote_files_are_never_signed(command: Command) -> None:
    done = command("scan", "https://example.org/model.bin", "--sign")
    assert done.code == 2
    assert "the digest of remote files is not checked" in done.err
