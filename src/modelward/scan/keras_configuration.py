"""What a Keras configuration shows, wherever it stands: in JSON, or in an attribute of an HDF5 file."""

from __future__ import annotations

from typing import Any

from modelward.core.errors import InputError
from modelward.formats import keras
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place, Reading


def notice(document: Any, reading: Reading, place: Place, examination: Examination) -> None:
    """Show a configuration's facts to the rules, and examine the pickles in it."""
    for fact in keras.findings(document):
        if not isinstance(fact, keras.Nested):
            reading.fact(fact)
            continue
        path = f"{place.path}!{fact.pointer}"
        try:
            examination.budget.spend_members(1)
        except InputError as error:
            examination.unexamined(path, error.message)
        else:
            examination.examine(BytesSource(fact.data), Place(path, "module.pt", place.depth + 1))
