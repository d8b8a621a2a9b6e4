"""MessagePack: Flax checkpoints."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import msgpack
from modelward.formats.source import Slice, Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """One map that fills the file; one that breaks off counts if it holds arrays."""
    reading = Reading("MessagePack", whole=True)
    walked = msgpack.Walked()
    payloads: list[msgpack.Payload] = []
    try:
        for fact in msgpack.facts(source, walked):
            if isinstance(fact, msgpack.Payload):
                payloads.append(fact)
            else:
                reading.fact(fact)
    except msgpack.NotMsgpack as error:
        if not (walked.keys and place.name.lower().endswith(".msgpack")):
            return None
        reading.problem, reading.whole = error.message, False
    except InputError as error:
        if not (walked.arrays or (walked.keys and place.name.lower().endswith(".msgpack"))):
            return None
        reading.problem, reading.whole = error.message, False
    if walked.items < 2:
        return None
    for payload in payloads:
        inner = Slice(source, payload.begin, payload.length)
        path = f"{place.path}!{payload.path}"
        examination.examine(inner, Place(path, "", place.depth + 1, raw="MessagePack data", inert_text=True))
    return reading
