"""LightGBM text models."""

from __future__ import annotations

from modelward.formats import lightgbm
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """A model to its last line, or something else."""
    problems = lightgbm.problems(source)
    if problems is None:
        return None
    reading = Reading("LightGBM", whole=True)
    for problem in problems:
        reading.fact(problem)
    return reading
