"""joblib: its wrappers of arrays, whose bytes follow the wrapper in the file or lie in a file beside it.

Read: joblib 0.11 to 1.6.0 (numpy_pickle.py, numpy_pickle_compat.py), sklearn.externals.joblib 0.11. An
array of objects in a wrapper is another pickle: whoever reads the file examines what follows
(CVE-2024-34997).
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import Check, matching, named, plain_state, takes
from modelward.formats.pickle.profiles.entry import Entry, profile
from modelward.formats.pickle.profiles.numpy import ARRAYS
from modelward.formats.pickle.values import Container, Made, Value

READ = "joblib 0.11, 1.6.0"

_WRAPPERS = ("numpy_pickle", "numpy_pickle_compat")
#: The array's own file, beside this one.
_BESIDE = matching(r"[\w.-]{1,200}\.(npy|z|npy\.z)|[\w.-]{1,200}_\d{2,5}\.npy(\.z)?")


def _wrapper_state(state: Value, _made: Value) -> str | None:
    checks: dict[str, Check] = {
        "subclass": named(*ARRAYS),
        "filename": _BESIDE,
        "dtype": lambda item: isinstance(item, Made),
        "init_args": lambda item: (
            isinstance(item, Container) and bool(item.items) and named(*ARRAYS)(item.items[0])
        ),
    }
    problem = plain_state(_without(state, checks))
    if problem or not isinstance(state, Container):
        return problem
    for key, item in zip(state.items[::2], state.items[1::2], strict=True):
        if isinstance(key, str) and key in checks and not checks[key](item):
            return f"its {key} is not that of an array"
    return None


def _without(state: Value, names: dict[str, Check]) -> Value:
    if not (isinstance(state, Container) and state.kind == "dict" and state.whole):
        return state
    kept = [
        part
        for key, item in zip(state.items[::2], state.items[1::2], strict=True)
        if not (isinstance(key, str) and key in names)
        for part in (key, item)
    ]
    return Container("dict", kept)


_WRAPPER = Entry(new=takes(), call=takes(), state=_wrapper_state)


def _entries() -> dict[str, dict[str, Entry]]:
    names = ("NumpyArrayWrapper", "NDArrayWrapper", "ZNDArrayWrapper")
    return {
        f"{package}.{module}": dict.fromkeys(names, _WRAPPER)
        for package in ("joblib", "sklearn.externals.joblib")
        for module in _WRAPPERS
    }


PROFILE = profile(__file__, READ, _entries())
