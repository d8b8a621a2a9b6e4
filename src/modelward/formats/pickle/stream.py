"""Reading one pickle stream to its STOP, in one pass and within the budget."""

from __future__ import annotations

from dataclasses import dataclass

from modelward.core.errors import InputError
from modelward.formats.budget import Budget
from modelward.formats.pickle.constants import READERS
from modelward.formats.pickle.instructions import INSTRUCTIONS
from modelward.formats.pickle.machine import AfterBuild, Machine, Notice
from modelward.formats.pickle.tape import Trouble
from modelward.formats.pickle.values import Value
from modelward.formats.source import Source

_STOP = ord(".")
_COUNTED = 4096  # instructions between two looks at the budget
_READERS = [READERS.get(code) for code in range(256)]
_INSTRUCTIONS = [INSTRUCTIONS.get(code) for code in range(256)]


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream as far as it could be read: `trouble` says why it was not read to its STOP."""

    start: int
    end: int
    value: Value = None
    trouble: str | None = None


def read_stream(
    source: Source, offset: int, notice: Notice, budget: Budget, after_build: AfterBuild | None = None
) -> Stream:
    """Run the stream that begins at `offset`, telling `notice` of every event as it is met.

    `after_build` follows loaders that read something else after a BUILD (joblib's arrays). Raises nothing:
    what cannot be read, or is past the budget, is the result's `trouble`.
    """
    machine = Machine(source, offset, notice)
    machine.after_build = after_build
    return run_machine(machine, budget)


def run_machine(machine: Machine, budget: Budget) -> Stream:
    """Run a machine on from where it stands; see `read_stream`."""
    offset = machine.tape.offset
    try:
        value = _run(machine, budget)
    except InputError as error:
        return Stream(offset, machine.tape.offset, trouble=error.message)
    return Stream(offset, machine.tape.offset, value)


def _run(machine: Machine, budget: Budget) -> Value:
    while True:
        budget.spend_opcodes(_COUNTED)
        if _run_some(machine, budget):
            return machine.pop()


def _run_some(machine: Machine, budget: Budget) -> bool:
    """Run instructions that are paid for, up to a STOP, and give back what is left. Whether there was one."""
    tape = machine.tape
    left = _COUNTED
    try:
        for left in range(_COUNTED - 1, -1, -1):  # noqa: B007 - given back below
            machine.start = tape.base + tape.at
            try:  # tape.byte(), without the call
                code = tape.window[tape.at]
                tape.at += 1
            except IndexError:
                code = tape.byte()
            reader = _READERS[code]
            if reader is not None:
                machine.push_constant(reader(tape))
            elif code == _STOP:
                return True
            else:
                instruction = _INSTRUCTIONS[code]
                if instruction is None:
                    raise Trouble(f"byte {machine.start} is no pickle instruction (0x{code:02x})")
                instruction(machine)
            if tape.base + tape.at >= machine.frame_end:
                machine.leave_frame()
        return False
    finally:
        budget.opcodes += left
