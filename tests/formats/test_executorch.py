from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from tests.formats.assemble_graph import executorch
from tests.formats.gather import kinds
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict
from modelward.formats.executorch import facts
from modelward.formats.flatbuffer import Buffer
from modelward.formats.source import BytesSource


def found(data: bytes) -> list[str]:
    return kinds(facts(Buffer(BytesSource(data))))


def delegate(backend: str, index: int = 0, segment: int = 0) -> list[dict[int, Any]]:
    return [{0: backend, 1: {0: segment, 1: index}}]


def with_header(data: bytes, program: int, base: int, length: int) -> bytes:
    """A program with the extended header between its identifier and the rest."""
    root = struct.unpack_from("<I", data)[0]
    header = struct.pack("<4sIQQQ", b"eh00", 32, program, base, length)
    return struct.pack("<I", root + len(header)) + data[4:8] + header + data[8:]


def test_a_sound_program_is_clean() -> None:
    report = examine(executorch(), "model.pte")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "ExecuTorch")
    assert found(executorch(delegates=delegate("XnnpackBackend"))) == []


def test_code_for_a_device_cannot_be_examined() -> None:
    report = examine(executorch(delegates=delegate("QnnBackend")))
    assert report.verdict is Verdict.INCOMPLETE
    assert "QnnBackend" in report.coverage[0].reason


def test_a_native_library_or_a_kernel_of_another_is_unverified() -> None:
    assert rules(executorch(delegates=delegate("AotiBackend"))) == ["embedded-code"]
    assert rules(executorch(kernel="evil::run")) == ["embedded-code"]


@pytest.mark.parametrize(
    "data",
    [
        executorch(sizes=(1 << 16, 1 << 16)),
        executorch(sizes=(-2, 2)),
        executorch(call={0: 99}),
        executorch(call={1: (4, 99)}),
        executorch(delegates=delegate("XnnpackBackend", index=7)),
        executorch(delegates=delegate("XnnpackBackend", segment=1)),
        executorch(segments=[{0: 1 << 63, 1: 1 << 63}]),
        with_header(executorch(), 1 << 63, 1 << 63, 8),
    ],
)
def test_numbers_that_lead_elsewhere_are_an_attack(data: bytes) -> None:
    assert found(data) == ["Overflow"]


def test_headers_say_where_segments_lie() -> None:
    data = executorch(segments=[{0: 0, 1: 4}])
    size = len(data) + 32
    assert found(with_header(data, size, size, 4) + b"abcd") == []
    assert found(with_header(data, size, size, 4)) == ["Unread", "Unread"]
    assert found(with_header(executorch(), 64, 16, 4)) == ["Malformed"]


def test_no_change_to_a_program_crashes_the_reader() -> None:
    data = with_header(executorch(delegates=delegate("X")), 100, 100, 4)
    chance = random.Random(1)
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        changed[4:8] = b"ET12"
        examine(bytes(changed))
