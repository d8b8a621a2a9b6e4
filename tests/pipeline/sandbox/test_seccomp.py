"""The filter, run by a small interpreter of its instructions: what each call gets."""

from __future__ import annotations

import struct

import pytest

from modelward.pipeline.sandbox import seccomp
from modelward.pipeline.sandbox.seccomp import MACHINES, Machine, program

ALLOW, NOTIFY, KILL, REFUSE, UNKNOWN = 0x7FFF0000, 0x7FC00000, 0x80000000, 0x00050001, 0x00050026


def judge(code: bytes, number: int, audit: int, first: int = 0, second: int = 0) -> int:
    data = struct.pack("=iIQ6Q", number, audit, 0, first, second, 0, 0, 0, 0)
    steps = [struct.unpack_from("=HBBI", code, at) for at in range(0, len(code), 8)]
    at, value = 0, 0
    while True:
        operation, if_true, if_false, operand = steps[at]
        at += 1
        if operation == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif operation == 0x06:
            return operand
        else:
            taken = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[operation]
            at += if_true if taken else if_false


@pytest.fixture(params=sorted(MACHINES))
def machine(request: pytest.FixtureRequest) -> Machine:
    return MACHINES[request.param]


def test_calls_that_reach_others_are_refused(machine: Machine) -> None:
    code = program(machine, internet=True)
    assert {judge(code, number, machine.audit) for number in machine.refused} == {REFUSE}


def test_opening_and_starting_are_told(machine: Machine) -> None:
    code = program(machine, internet=True)
    assert {judge(code, number, machine.audit) for number in machine.told} == {NOTIFY}


def test_anything_else_goes_on(machine: Machine) -> None:
    code = program(machine, internet=True)
    known = {*machine.refused, *machine.told, machine.clone, machine.clone3, machine.ioctl, machine.socket}
    assert {judge(code, number, machine.audit) for number in range(450) if number not in known} == {ALLOW}


def test_calls_of_another_processor_mode_end_the_process(machine: Machine) -> None:
    code = program(machine, internet=True)
    assert judge(code, 1, 0x40000003) == KILL
    assert judge(code, 0x40000000 | 257, machine.audit) == KILL


def test_new_process_yes_new_namespace_no(machine: Machine) -> None:
    code = program(machine, internet=True)
    assert judge(code, machine.clone, machine.audit, 17) == ALLOW
    assert judge(code, machine.clone, machine.audit, 17 | 0x10000000) == REFUSE
    assert judge(code, machine.clone3, machine.audit) == UNKNOWN


def test_typing_on_the_terminal_is_refused(machine: Machine) -> None:
    code = program(machine, internet=True)
    assert judge(code, machine.ioctl, machine.audit, 0, 0x5412) == REFUSE
    assert judge(code, machine.ioctl, machine.audit, 0, 0x541C) == REFUSE
    assert judge(code, machine.ioctl, machine.audit, 0, 0x5401) == ALLOW


def test_families_of_sockets(machine: Machine) -> None:
    open_, closed = program(machine, internet=True), program(machine, internet=False)
    allowed = [family for family in range(46) if judge(open_, machine.socket, machine.audit, family) == ALLOW]
    assert allowed == [1, 2, 10, 16]
    local = [family for family in range(46) if judge(closed, machine.socket, machine.audit, family) == ALLOW]
    assert local == [1, 16]


def test_this_machine_is_known() -> None:
    assert seccomp.machine() is not None
