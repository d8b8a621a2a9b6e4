"""joblib: its wrappers of arrays, whose bytes follow the wrapper in the file or lie in a file beside it.

Read: joblib 0.11 to 1.6.0 (numpy_pickle.py, numpy_pickle_compat.py), sklearn.externals.joblib 0.11. An
array of objects in a wrapper is another pickle: whoever reads the file examines what follows
(CVE-2024-34997).
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import (
    Check,
    any_of,
    boolean,
    container,
    matching,
    named,
    natural,
    naturals,
    nothing,
    one_of,
    takes,
)
from modelward.formats.pickle.profiles.entry import Entry, profile
from modelward.formats.pickle.profiles.numpy import ARRAYS
from modelward.formats.pickle.values import Container, Made, Value

READ = "joblib 0.11, 1.6.0"

_WRAPPERS = ("numpy_pickle", "numpy_pickle_compat")
#: The array's own file, beside this one.
_BESIDE = matching(r"[\w.-]{1,200}\.(npy|z|npy\.z)|[\w.-]{1,200}_\d{2,5}\.npy(\.z)?")


#: The attributes of wrappers; one of another name could stand for the method `read`, which is called.
_ATTRIBUTES: dict[str, Check] = {
    "allow_mmap": boolean,
    "dtype": lambda item: isinstance(item, Made),
    "filename": _BESIDE,
    "init_args": lambda item: (
        isinstance(item, Container) and bool(item.items) and named(*ARRAYS)(item.items[0])
    ),
    "numpy_array_alignment_bytes": any_of(nothing, natural),
    "order": one_of("C", "F"),
    "shape": naturals,
    "state": container("tuple"),
    "subclass": named(*ARRAYS),
}


def _wrapper_state(state: Value, _made: Value) -> str | None:
    if not (isinstance(state, Container) and state.kind == "dict" and state.whole):
        return "its state is not a dict that is known"
    for key, item in zip(state.items[::2], state.items[1::2], strict=True):
        check = _ATTRIBUTES.get(key) if isinstance(key, str) else None
        if check is None or not check(item):
            return f"its {str(key)[:40]} is not that of an array"
    return None


_WRAPPER = Entry(new=takes(), call=takes(), state=_wrapper_state)


def _entries() -> dict[str, dict[str, Entry]]:
    names = ("NumpyArrayWrapper", "NDArrayWrapper", "ZNDArrayWrapper")
    return {
        f"{package}.{module}": dict.fromkeys(names, _WRAPPER)
        for package in ("joblib", "sklearn.externals.joblib")
        for module in _WRAPPERS
    }


PROFILE = profile(__file__, READ, _entries())
