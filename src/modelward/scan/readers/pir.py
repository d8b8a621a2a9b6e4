"""PaddlePaddle's newer programs."""

from __future__ import annotations

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.formats import paddle_pir
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Look at every operation. None where it is other JSON, or none."""
    if source.size > strict_json.MAX_BYTES:
        return None  # the reader of text says so
    try:
        document = strict_json.loads(source.read(0, source.size), what="it")
    except InputError:
        return None
    if not paddle_pir.is_program(document):
        return None
    reading = Reading("PaddlePaddle", whole=True)
    for fact in paddle_pir.facts(document):
        reading.fact(fact)
    return reading
