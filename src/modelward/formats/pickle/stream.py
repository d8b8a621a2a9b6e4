"""Reading one pickle stream to its STOP, in one pass and within the budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from modelward.core.errors import InputError
from modelward.formats.budget import Budget
from modelward.formats.pickle.constants import READERS
from modelward.formats.pickle.instructions import INSTRUCTIONS
from modelward.formats.pickle.machine import AfterBuild, Machine, Notice
from modelward.formats.pickle.rush import COMMON, REACH, rush
from modelward.formats.pickle.tape import Tape, Trouble
from modelward.formats.pickle.values import Value
from modelward.formats.source import Source

_STOP: Final = 0x2E
_COUNTED: Final = 4096  # instructions between two looks at the budget
_READERS: Final = [READERS.get(code) for code in range(256)]
_INSTRUCTIONS: Final = [INSTRUCTIONS.get(code) for code in range(256)]


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

    `after_build` follows loaders that read something else after a BUILD (joblib's arrays). Where loaders read
    on at different places after the end of a frame, it is run both ways, and the result is that of the usual
    one. Raises nothing: what cannot be read, or is past the budget, is the result's `trouble`.
    """
    machine = Machine(Tape(source, offset), notice)
    machine.after_build = after_build
    result = run_machine(machine, budget)
    if machine.parted >= 0:
        other = Machine(Tape(source, offset, drops=True), notice, silent=machine.parted)
        other.after_build = after_build
        run_machine(other, budget)
    return result


def run_machine(machine: Machine, budget: Budget) -> Stream:
    """Run a machine on from where it stands; see `read_stream`."""
    start = machine.tape.offset
    try:
        value = _run(machine, budget)
    except InputError as error:
        machine.note_straddling()
        return Stream(start, machine.tape.offset, None, error.message)
    return Stream(start, machine.tape.offset, value)


def _run(machine: Machine, budget: Budget) -> Value:
    """Run to the STOP; what is paid for and not run is given back."""
    tape, hurry = machine.tape, machine.born is None
    while True:
        budget.spend_opcodes(_COUNTED)
        machine.left = _COUNTED
        try:
            while machine.left > 0:
                if hurry and tape.end - tape.at > REACH and COMMON[tape.window[tape.at]]:
                    rush(machine)
                if machine.left > 0 and _step(machine):
                    return machine.pop()
        finally:
            budget.opcodes += machine.left


def _step(machine: Machine) -> bool:
    """Run one instruction, whatever it is. Whether it was a STOP."""
    tape = machine.tape
    machine.left -= 1
    machine.start = tape.offset
    machine.before = machine.events
    code = tape.byte()
    reader = _READERS[code]
    if reader is not None:
        machine.push(reader(tape))
    elif code == _STOP:
        return True
    else:
        instruction = _INSTRUCTIONS[code]
        if instruction is None:
            raise Trouble(f"byte {machine.start} is no pickle instruction (0x{code:02x})")
        instruction(machine)
    if tape.straddled:
        machine.note_straddling()
    return False
