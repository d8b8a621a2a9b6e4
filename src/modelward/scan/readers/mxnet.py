"""MXNet: arrays by their magic number, graphs by their JSON."""

from __future__ import annotations

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.formats import mxnet
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Check the arrays' sizes, or look at every node of the graph."""
    reading = Reading("MXNet", whole=True)
    if source.read(0, 8) == mxnet.MAGIC:
        show(mxnet.parameter_facts(source), reading, source, place, examination)
        return reading
    if source.size > strict_json.MAX_BYTES:
        return None
    try:
        document = strict_json.loads(source.read(0, source.size), what="it")
    except InputError:
        return None  # the reader of text says why
    if not mxnet.is_symbol(document):
        return None
    show(mxnet.symbol_facts(document), reading, source, place, examination)
    return reading
