from __future__ import annotations

import struct

import pytest
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def integer(value: int) -> bytes:
    return struct.pack("<i", value)


TEXT = b"4\n1\n3\nV 1\n13\nnn.Sequential\n4\n2\n3\nV 1\n17\ntorch.FloatTensor\n"
BINARY = integer(4) + integer(1) + integer(3) + b"V 1" + integer(13) + b"nn.Sequential" + integer(0)


@pytest.mark.parametrize("data", [TEXT, BINARY])
@pytest.mark.parametrize("name", ["model.t7", "model.txt", "model.onnx"])
def test_a_checkpoint_of_lua_is_never_clean(data: bytes, name: str) -> None:
    report = examine(data, name)
    assert report.verdict is Verdict.INCOMPLETE
    assert "Torch 7" in report.coverage[0].format


@pytest.mark.parametrize("data", [TEXT, BINARY])
def test_command_of_lua_is_found(data: bytes) -> None:
    assert rules(data + b"x = os.execute('id')\n", "model.t7") == ["harmful-code"]


def test_bytecode_of_lua_is_found() -> None:
    assert rules(b"6\n1\n9\n\x1bLJ\x02abcde\n", "model.t7") == ["embedded-code"]


def test_command_across_two_pieces_is_found() -> None:
    filler = b"0" * ((1 << 20) - len(TEXT) - 4)
    assert rules(TEXT + filler + b"io.popen('id')", "model.t7") == ["harmful-code"]


@pytest.mark.parametrize("data", [b"4\n1\n3\n7\n", b"3\n1\n2\n1\n5\n6\n", b"4\n8\n15\n16\n23\n42\n"])
def test_lists_of_numbers_are_none(data: bytes) -> None:
    assert examine(data, "numbers.txt").verdict is Verdict.CLEAN
