"""Files of numbers: checkpoint indices, TFRecord, weights of CoreML and PaddlePaddle."""

from __future__ import annotations

from modelward.formats import mil_blob, paddle, tensorflow_table, tfrecord
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.readers.graph import show


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Check that the headers add up. None where the bytes are of none of these."""
    head = source.read(0, 128)
    if source.size >= 48 and source.read(source.size - 8, 8) == tensorflow_table.MAGIC:
        reading = Reading("TensorFlow checkpoint")
        facts = tensorflow_table.facts(source, place.name, place.siblings)
    elif mil_blob.fits(head):
        reading = Reading("CoreML weights")
        facts = mil_blob.facts(source)
    elif tfrecord.begins(head):
        reading = Reading("TensorBoard events" if tfrecord.is_events(source) else "TFRecord")
        facts = tfrecord.facts(source)
    elif paddle.begins(head):
        reading = Reading("PaddlePaddle parameters")
        facts = paddle.parameters(source)
    else:
        return None
    reading.whole = True
    show(facts, reading, source, place, examination)
    return reading
