"""Compiled Python modules."""

from __future__ import annotations

from modelward.formats import bytecode, marshal
from modelward.formats.facts import EmbeddedCode
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """A module runs as a whole when it is imported; what it does is told only as far as its names go."""
    found = bytecode.compiled(source.read(0, marshal.MAX_BYTES))
    if found is None:
        return None
    reading = Reading("Python bytecode", whole=True)
    reading.fact(EmbeddedCode(place.name, "a compiled Python module", *found))
    return reading
