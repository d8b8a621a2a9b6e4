"""XGBoost: boosters, whose state is a model in bytes for the native parser, and the estimators around them.

Read: xgboost 0.90, 1.7.6, 3.2.0 (core.py, sklearn.py, compat.py). `Booster.__del__` frees the pointer in
`handle`: `__setstate__` puts one there only if it is given bytes.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import any_of, data, nothing, plain_state, takes
from modelward.formats.pickle.profiles.entry import Entry, profile
from modelward.formats.pickle.values import Container, Value

READ = "xgboost 0.90, 1.7.6, 3.2.0"


def booster_state(state: Value, made: Value = None) -> str | None:
    """A dict whose `handle` is None or the bytes of a model."""
    problem = plain_state(state, made)
    if problem or not isinstance(state, Container):
        return problem or "its state is not a dict that is known"
    attributes = dict(zip(map(str, state.items[::2]), state.items[1::2], strict=True))
    if not any_of(nothing, data)(attributes.get("handle")) or "_handle" in attributes:
        return "its model is not in bytes"
    return None


PROFILE = profile(
    __file__, READ, {"xgboost.core": {"Booster": Entry(new=takes(), state=booster_state)}}, table=True
)
