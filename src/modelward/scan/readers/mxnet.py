"""MXNet's arrays. Its graphs are JSON, which the reader of text looks at."""

from __future__ import annotations

from modelward.formats import mxnet
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Check the arrays' sizes."""
    if source.read(0, 8) != mxnet.MAGIC:
        return None
    reading = Reading("MXNet", whole=True)
    show(mxnet.parameter_facts(source), reading, source, place, examination)
    return reading
