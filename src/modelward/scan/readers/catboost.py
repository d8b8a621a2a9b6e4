"""CatBoost models."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import catboost
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Numbers and tables; what reads them runs none of it."""
    reading = Reading("CatBoost")
    try:
        if catboost.check(source) is None:
            return None
    except InputError as error:
        reading.problem = error.message
    return reading
