"""Text and JSON."""

from __future__ import annotations

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.formats import config, keras, loose_json, skops
from modelward.formats.facts import Malformed
from modelward.formats.source import Source
from modelward.formats.text import PICKLE_SUFFIXES, is_inert, is_text
from modelward.scan import keras_configuration
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """JSON is walked for fields that name code; other text is examined only where no program runs it."""
    if not is_text(source):
        return None
    if source.read(0, 64).lstrip()[:1] in (b"{", b"["):
        reading = _json(source, place, examination)
        if reading is not None:
            return reading
    if place.inert_text or is_inert(place.name, source):
        return Reading("text")
    sure = not place.name.lower().endswith(PICKLE_SUFFIXES)
    return Reading("text", "text that a program may run or take for a template", sure=sure)


def _json(source: Source, place: Place, examination: Examination) -> Reading | None:
    reading = Reading("json")
    if source.size > strict_json.MAX_BYTES:
        reading.problem = f"it is over {strict_json.MAX_BYTES >> 20} MiB of JSON"
        return reading
    data = source.read(0, source.size)
    try:
        document = strict_json.loads(data, what="it")
    except InputError:
        try:
            document, twice = loose_json.loads(data)
        except InputError as error:
            if not place.name.lower().endswith(".json"):
                return None
            reading.problem = error.message
            return reading
        for name in twice:
            reading.fact(Malformed("JSON", f"an object has two fields {name[:80]!r}"))
    if any(part.startswith(".") and part not in (".", "..") for part in place.name.split("/")[:-1]):
        reading.problem = "JSON in a hidden folder, which belongs to another program"
    for found in config.findings(document):
        if isinstance(found, config.Unread):
            examination.unexamined(f"{place.path}!{found.pointer}", found.what)
        else:
            reading.fact(found)
    if keras.looks_like(document):
        keras_configuration.notice(document, reading, place, examination)
    elif skops.looks_like(document):
        for fact in skops.findings(document):
            reading.fact(fact)
    return reading
