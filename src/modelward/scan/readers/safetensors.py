"""safetensors files."""

from __future__ import annotations

from modelward.formats import safetensors
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading:
    """Check the header against the data. Raises LimitExceeded."""
    reading = Reading("safetensors")
    for problem in safetensors.problems(source):
        reading.fact(problem)
        # A header that is not JSON may be another format's first bytes.
        reading.sure = reading.sure and (not isinstance(problem, safetensors.Problem) or problem.readable)
    return reading
