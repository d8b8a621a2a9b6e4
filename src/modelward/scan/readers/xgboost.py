"""XGBoost models of the old binary format."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import xgboost
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Numbers and names; what reads them runs none of it."""
    reading = Reading("XGBoost")
    try:
        for fact in xgboost.facts(source):
            reading.fact(fact)
    except xgboost.NotXgboost:
        return None
    except InputError as error:
        reading.problem = error.message
    return reading
