"""Native and compiled programs, which no scan can judge by reading."""

from __future__ import annotations

from modelward.formats.executable import recognise
from modelward.formats.facts import EmbeddedCode
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Say what program it is."""
    program = recognise(source)
    if program is None:
        return None
    reading = Reading("executable", whole=True)
    reading.fact(EmbeddedCode(program.kind, program.kind, program.names, program.harm))
    return reading
