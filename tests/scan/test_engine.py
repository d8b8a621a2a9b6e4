from __future__ import annotations

import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.formats.assemble import SHELL, good_safetensors, pickle

from modelward.artifact.hashing import digest_of
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.finding import Verdict
from modelward.core.progress import Silent
from modelward.formats.remote import Meter, RangeSource, RemoteArtifact, RemoteFile
from modelward.scan.engine import scan, scan_remote, scan_stream
from modelward.scan.ruleset import ruleset


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """What a model on the Hub looks like."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(good_safetensors())
    (folder / "config.json").write_text(json.dumps({"architectures": ["LlamaForCausalLM"], "vocab_size": 4}))
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"eval(": 0, "http://x": 1}}}))
    (folder / "vocab.txt").write_text("[PAD]\ncat\ndog\n")
    (folder / "README.md").write_text("configuration\nof\nthe model\n")
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  config.json\n")
    (folder / "nested").mkdir()
    (folder / "nested" / "LICENSE").write_text("words")
    return folder


def test_usual_model_is_clean(model: Path) -> None:
    result = scan(model, digest=True)
    assert result.findings == []
    assert result.verdict is Verdict.CLEAN
    assert (result.files, result.examined) == (7, 7)
    assert result.digest == digest_of(model)
    assert result.ruleset == ruleset()


def test_one_unexamined_file_makes_it_incomplete(model: Path) -> None:
    (model / "tokenizer.model").write_bytes(b"\x0a\x00\x01")
    result = scan(model)
    assert result.verdict is Verdict.INCOMPLETE
    assert (result.files, result.examined) == (8, 7)


def test_one_malicious_file_beats_all_others(model: Path) -> None:
    (model / "nested" / "adapter.json").write_bytes(pickle(SHELL))
    (model / "unknown").write_bytes(b"\x00")
    result = scan(model)
    assert result.verdict is Verdict.MALICIOUS
    assert [finding.path for finding in result.findings] == ["nested/adapter.json"]


def test_single_file(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(pickle(SHELL))
    result = scan(path, digest=True)
    assert [finding.path for finding in result.findings] == ["x.bin"]
    assert result.digest == digest_of(path)
    assert result.files == 1


def test_link_out_of_the_tree_is_not_examined_and_the_rest_is(model: Path) -> None:
    (model / "out").symlink_to("/etc/passwd")
    (model / "evil.bin").write_bytes(pickle(SHELL))
    result = scan(model, digest=True)
    assert result.digest is None
    assert result.verdict is Verdict.MALICIOUS
    (entry,) = [entry for entry in result.coverage if not entry.examined]
    assert (entry.path, entry.reason) == ("out", "the link leads out of the tree")
    assert ("path-escape", "out") in [(finding.rule, finding.path) for finding in result.findings]


def test_pipe_in_the_tree_does_not_hang(model: Path) -> None:
    os.mkfifo(model / "pipe")
    assert scan(model).verdict is Verdict.INCOMPLETE


def test_empty_tree_is_not_clean(tmp_path: Path) -> None:
    result = scan(tmp_path, digest=True)
    assert result.verdict is Verdict.INCOMPLETE
    assert result.digest is None


@pytest.mark.parametrize("name", ["missing", "pipe"])
def test_what_cannot_be_examined_at_all_is_an_error(tmp_path: Path, name: str) -> None:
    if name == "pipe":
        os.mkfifo(tmp_path / name)
    with pytest.raises(InputError) as caught:
        scan(tmp_path / name)
    assert caught.value.where == str(tmp_path / name)


class Changing(Silent):
    """Writes to a file while it is examined."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, total_bytes: int) -> None:
        self.path.write_bytes(b"changed meanwhile")


@pytest.mark.parametrize("whole", [True, False])
def test_file_that_changes_while_it_is_examined_is_an_error(model: Path, whole: bool) -> None:
    path = model / "vocab.txt"
    with pytest.raises(InputError, match="changed while it was being read"):
        scan(model if whole else path, progress=Changing(path))


def test_nothing_examined_is_imported_or_run(model: Path) -> None:
    (model / "os.py").write_text("raise SystemExit('imported')")
    (model / "evil.bin").write_bytes(pickle(SHELL))
    before = os.getcwd()
    os.chdir(model)
    try:
        assert scan(".").verdict is Verdict.MALICIOUS
    finally:
        os.chdir(before)


def test_bytes_are_hashed_only_if_asked_for(model: Path) -> None:
    assert scan(model).digest is None
    assert scan(model / "config.json").digest is None


def test_stream_is_examined_like_a_file(model: Path) -> None:
    result = scan_stream(BytesIO(pickle(SHELL)), digest=True)
    assert result.verdict is Verdict.MALICIOUS
    assert [finding.path for finding in result.findings] == ["stdin"]
    assert result.digest == Digest.sha256(pickle(SHELL))
    assert scan_stream(BytesIO(good_safetensors())).verdict is Verdict.CLEAN


def test_endless_stream_is_examined_as_far_as_it_was_read() -> None:
    class Endless(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return bytes(size or 0)

    result = scan_stream(Endless(), max_bytes=1 << 20)
    assert result.verdict is Verdict.INCOMPLETE
    assert result.coverage[-1].reason == f"only its first {1 << 20} bytes were read"
    cut = scan_stream(BytesIO(pickle(SHELL) + bytes(100)), max_bytes=len(pickle(SHELL)))
    assert cut.verdict is Verdict.MALICIOUS
    assert cut.digest is None


def test_stream_without_a_byte_is_not_clean() -> None:
    result = scan_stream(BytesIO(), digest=True)
    assert result.verdict is Verdict.INCOMPLETE
    assert [entry.reason for entry in result.coverage] == ["nothing came"]
    assert (result.files, result.examined, result.digest) == (1, 0, None)


def test_file_that_may_not_be_read_keeps_no_other_from_being_examined(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model / "evil.bin").write_bytes(pickle(SHELL))
    opened = os.open

    def refusing(path: str | bytes, *arguments: Any, **options: Any) -> int:
        if os.fsencode(path).endswith(b"config.json"):  # permissions do not stop root
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "open", refusing)
    result = scan(model, digest=True)
    assert result.verdict is Verdict.MALICIOUS
    assert [(entry.path, entry.reason) for entry in result.coverage if not entry.examined] == [
        ("config.json", "cannot read it: permission denied")
    ]
    assert result.digest is None


def test_stream_of_exactly_the_bound_is_whole() -> None:
    data = good_safetensors()
    assert scan_stream(BytesIO(data), max_bytes=len(data)).verdict is Verdict.CLEAN


def test_remote_file_that_cannot_be_read_is_incomplete() -> None:
    def fetch(offset: int, length: int) -> bytes:
        raise InputError("the server is gone")

    file = RemoteFile("m.bin", 10, lambda: RangeSource(10, fetch, "there"))
    result = scan_remote(RemoteArtifact("x://y", [file], Meter(), "sha256:00", {"n.bin": "no size"}))
    assert result.verdict is Verdict.INCOMPLETE
    assert (result.files, result.examined, result.declared) == (2, 0, "sha256:00")
    assert [entry.reason for entry in result.coverage] == ["the server is gone", "no size"]
