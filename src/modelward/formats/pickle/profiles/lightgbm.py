"""LightGBM: boosters, whose state is a model as text for the native parser, and the estimators around them.

Read: lightgbm 2.3.1, 3.3.5, 4.7.0 (basic.py, sklearn.py, engine.py). `Booster.__del__` frees the pointer in
its handle: `__setstate__` puts one there only if it is given text.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import any_of, nothing, plain_state, takes, text
from modelward.formats.pickle.profiles.entry import Entry, profile
from modelward.formats.pickle.values import Container, Value

READ = "lightgbm 2.3.1, 3.3.5, 4.7.0"


def booster_state(state: Value, made: Value = None) -> str | None:
    """A dict whose `handle` or `_handle` is None or the text of a model."""
    problem = plain_state(state, made)
    if problem or not isinstance(state, Container):
        return problem or "its state is not a dict that is known"
    for key, item in zip(state.items[::2], state.items[1::2], strict=True):
        if key in ("handle", "_handle") and not any_of(nothing, text)(item):
            return "its model is not text"
    return None


PROFILE = profile(
    __file__, READ, {"lightgbm.basic": {"Booster": Entry(new=takes(), state=booster_state)}}, table=True
)
