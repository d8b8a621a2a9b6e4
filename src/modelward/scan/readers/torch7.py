"""Checkpoints of Torch 7."""

from __future__ import annotations

from modelward.formats import torch7
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Look for code of Lua. What its classes do when they are loaded is not known."""
    reading = Reading("Torch 7", whole=True)
    for fact in torch7.findings(source):
        reading.fact(fact)
    reading.problem = "it is a checkpoint of Torch 7, whose objects run Lua and cannot be examined"
    return reading
