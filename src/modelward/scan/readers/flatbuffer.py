"""FlatBuffers, by the identifier at byte four: TensorFlow Lite, ExecuTorch, onnxruntime's own."""

from __future__ import annotations

from modelward.formats.flatbuffer import Buffer
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Read the tables that the schema has, and check every offset on the way."""
    kind = source.read(4, 4)
    buffer = Buffer(source)
    if kind == b"TFL3":
        from modelward.formats import tflite

        reading = Reading("TensorFlow Lite", whole=True)
        show(tflite.facts(buffer, place.name, place.siblings), reading, source, place, examination)
    elif kind == b"ET12":
        from modelward.formats import executorch

        reading = Reading("ExecuTorch", whole=True)
        show(executorch.facts(buffer), reading, source, place, examination)
    elif kind == b"ORTM":
        from modelward.formats import ort

        reading = Reading("ORT", whole=True)
        show(ort.facts(buffer), reading, source, place, examination)
    elif kind == b"FT01":
        reading = Reading("ExecuTorch data", whole=True)
    elif kind == b"PTMF":
        reading = Reading("torch mobile", "its methods are compiled for PyTorch's mobile interpreter")
    else:
        return None
    return reading
