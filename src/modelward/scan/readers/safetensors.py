"""safetensors files."""

from __future__ import annotations

from modelward.formats import safetensors
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading:
    """Check the header against the data. Raises LimitExceeded."""
    reading = Reading("safetensors")
    for fact in safetensors.facts(source):
        reading.fact(fact)
        # A header that is not JSON may be another format's first bytes.
        reading.sure = reading.sure and (not isinstance(fact, safetensors.Problem) or fact.readable)
    return reading
