"""Pictures, sound, tables and the like: data. What stands behind them is examined."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats.media import recognise
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Say what it is."""
    try:
        media = recognise(source)
    except InputError as error:
        return Reading("media", error.message)
    if media is None:
        return None
    return Reading(media.kind, whole=media.end == source.size, rest=[(media.end, source.size)])
