"""`modelward convert`, exactly as it is printed."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.formats.assemble import EMPTY_DICT, MARK, POP, SHELL, call, checkpoint, number, tensor, text

Command = Callable[..., Any]

FLOATS = struct.pack("<4f", 1, 2, 3, 4)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.chdir(tmp_path)

    def save(*parts: bytes) -> None:
        Path("model.bin").write_bytes(checkpoint(*parts, storages={"0": FLOATS}).bytes())

    return save


def test_tensors_are_written_and_the_rest_is_named(model: Callable[..., None], command: Command) -> None:
    model(EMPTY_DICT + MARK + text("w") + tensor() + text("v") + tensor() + text("epoch") + number(3) + b"u")
    done = command("convert", "model.bin", "model.safetensors", "--to", "safetensors")
    assert (done.code, done.out) == (0, "model.safetensors: 2 tensors, 32 bytes, from model.bin (clean)\n")
    assert done.err == "left out: epoch, 3\nshare memory, written once each: w, v\n"


def test_unverified_checkpoint_is_converted_with_a_note(model: Callable[..., None], command: Command) -> None:
    model(EMPTY_DICT + MARK + text("w") + tensor() + text("a\x1bb") + call("my", "Thing") + b"u")
    done = command("convert", "model.bin", "out", "--to", "safetensors")
    assert done.code == 0
    assert done.err == (
        "left out: a\\x1bb, an object made by my.Thing\n"
        "note: model.bin is unverified; only its tensors were written\n"
    )


def test_malicious_checkpoint_is_refused(model: Callable[..., None], command: Command) -> None:
    model(SHELL, POP, EMPTY_DICT + text("w") + tensor() + b"s")
    done = command("convert", "model.bin", "out", "--to", "safetensors")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error: model.bin: this file is malicious: loading this file runs a shell command\n"
        "help: nothing in it was run; modelward scan says more; --even-if-malicious converts its tensors\n"
    )
    assert not Path("out").exists()


def test_what_cannot_be_converted_is_no_answer(model: Callable[..., None], command: Command) -> None:
    model(EMPTY_DICT)
    done = command("convert", "model.bin", "out", "--to", "safetensors")
    assert (done.code, done.out, done.err) == (2, "", "error: model.bin: there is no tensor in it\n")


def test_json_describes_everything(model: Callable[..., None], command: Command) -> None:
    model(EMPTY_DICT + MARK + text("w") + tensor() + text("epoch") + number(3) + b"u")
    done = command("convert", "model.bin", "out", "--to", "safetensors", "--json")
    assert json.loads(done.out) == {
        "format": "safetensors",
        "files": [
            {
                "source": "model.bin",
                "path": "out",
                "verdict": "clean",
                "bytes": 16,
                "tensors": [{"name": "w", "dtype": "F32", "shape": [4]}],
                "left_out": [{"name": "epoch", "what": "3"}],
                "copied": [],
            }
        ],
    }
    assert done.err == ""


def test_long_lists_are_cut(model: Callable[..., None], command: Command) -> None:
    items = b"".join(text(f"n{index}") + number(index) for index in range(30))
    model(EMPTY_DICT + MARK + text("w") + tensor() + items + b"u")
    done = command("convert", "model.bin", "out", "--to", "safetensors")
    assert done.err.splitlines()[-1] == "and 10 more (--json lists all)"
