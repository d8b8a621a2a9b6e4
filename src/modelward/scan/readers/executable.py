"""Native and compiled programs, which no scan can judge by reading."""

from __future__ import annotations

from modelward.formats.executable import recognise
from modelward.formats.facts import EmbeddedCode
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Say what it is: a program is a finding; a library, which runs only if one loads it, is unread."""
    program = recognise(source)
    if program is None:
        return None
    reading = Reading("executable", whole=True)
    if program.is_linked and program.harm is None:
        reading.problem = f"{program.kind}: native code is not examined"
        return reading
    reading.fact(EmbeddedCode(program.kind, program.kind, program.names, program.harm))
    return reading
