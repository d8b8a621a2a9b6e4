"""TensorRT engines."""

from __future__ import annotations

from modelward.formats import tensorrt
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show


def read(source: Source, place: Place, examination: Examination) -> Reading:
    """Say that an engine cannot be examined, and name the native libraries in it."""
    reading = Reading("TensorRT", "a TensorRT engine is compiled code, which cannot be examined", whole=True)
    show(tensorrt.libraries(source), reading, source, place, examination)
    return reading
