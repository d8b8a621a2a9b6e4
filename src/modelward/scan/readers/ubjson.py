"""UBJSON: XGBoost models."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import ubjson
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """One object that fills the file: numbers and names, nothing that any loader runs."""
    reading = Reading("UBJSON", whole=True)
    try:
        for fact in ubjson.walk(source):
            if not isinstance(fact, ubjson.Walked):
                reading.fact(fact)
            elif fact.end != source.size:
                return None
    except InputError as error:
        if place.name.lower().endswith((".ubj", ".ubjson")) or reading.hits.findings(""):
            reading.problem, reading.whole = error.message, False
            return reading
        return None
    return reading
