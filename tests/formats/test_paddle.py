from __future__ import annotations

import random
import struct

import pytest
from tests.formats.assemble_graph import paddle_operation, paddle_program, paddle_tensor
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict

GOOD = paddle_program(
    paddle_operation("conv2d", op_callstack="File 'a.py', os.system"), paddle_operation("relu")
)


def test_a_sound_program_is_clean() -> None:
    report = examine(GOOD, "__model__")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "PaddlePaddle")


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        (paddle_operation("py_func"), "harmful-code"),
        (paddle_operation("save_combine", file_path="/root/.ssh/authorized_keys"), "path-escape"),
        (paddle_operation("load", file_path="../../secret"), "path-escape"),
        (paddle_operation("evil_op"), "embedded-code"),
        (paddle_operation("send", endpoints="10.0.0.1:80"), "remote-fetch"),
    ],
)
def test_operations_that_reach_out_are_found(operation: bytes, rule: str) -> None:
    assert rule in rules(paddle_program(paddle_operation("relu"), operation), "model.pdmodel")


def test_parameters_are_data() -> None:
    data = paddle_tensor((2, 3), bytes(24)) + paddle_tensor((4,), bytes(8), kind=4)
    report = examine(data, "model.pdiparams")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "PaddlePaddle parameters")


@pytest.mark.parametrize("dims", [(-1, 4), (1 << 40, 1 << 40)])
def test_parameters_that_overflow_are_an_attack(dims: tuple[int, ...]) -> None:
    assert rules(paddle_tensor(dims, bytes(16))) == ["header-overflow"]


def test_parameters_that_break_off_are_incomplete() -> None:
    good = paddle_tensor((2, 3), bytes(24))
    assert examine(good[:-1]).verdict is Verdict.INCOMPLETE
    assert examine(good + good[:9]).verdict is Verdict.INCOMPLETE
    assert examine(good + bytes(16) + struct.pack("<i", -5)).verdict is Verdict.UNVERIFIED
    assert examine(good + bytes(4) + b"\xff" * 8 + bytes(8)).verdict is Verdict.MALICIOUS


def test_no_change_crashes_the_readers() -> None:
    chance = random.Random(1)
    for good in (GOOD, paddle_tensor((2, 3), bytes(24))):
        for _ in range(200):
            changed = bytearray(good)
            changed[chance.randrange(len(changed))] = chance.randrange(256)
            examine(bytes(changed))
