"""What numpy's arrays and dtypes may be given as state.

`dtype.__setstate__` believes the flags in its state, and `ndarray.__setstate__` believes the dtype: a dtype
that holds objects but does not say so would have raw bytes taken for pointers. So only simple dtypes with
the flags that numpy writes pass.
"""

from __future__ import annotations

import re

from modelward.formats.pickle.contracts import (
    any_of,
    boolean,
    container,
    data,
    integer,
    made_by,
    naturals,
    nothing,
    one_of,
    takes,
    text,
    tuple_items,
)
from modelward.formats.pickle.values import Made, Value

#: The flags that numpy writes: objects have all (has objects, list pickle, ...), text needs initialising.
_FLAGS = {"O": 63, "U": 8}

_BYTE_ORDER = one_of("<", ">", "|", "=")
_ALIGNMENT = one_of(-1, 1, 4)
_SIMPLE_STATE = takes(integer, _BYTE_ORDER, nothing, nothing, nothing, integer, _ALIGNMENT, integer)
_ARRAY_STATE = takes(
    one_of(0, 1), naturals, made_by("numpy.dtype"), boolean, any_of(data, container("list"), text)
)


def simple_dtype(value: Value) -> bool:
    """A dtype whose elements are not objects."""
    return made_by("numpy.dtype")(value) and not _holds_objects(value)


def shape_of_nothing(value: Value) -> bool:
    """`(0,)`, which numpy writes for an array that its state will fill."""
    return tuple_items(value) == [0]


def dtype_state(state: Value, made: Value) -> str | None:
    """The contract of `dtype.__setstate__` on the dtype `made`."""
    problem = _SIMPLE_STATE(state)
    if problem:
        return "its state is not that of a simple dtype"
    *_, size, _alignment, flags = tuple_items(state) or [None] * 3
    code = _type_code(made)
    if code is None or flags != _FLAGS.get(code[0], 0):
        return "its state's flags do not fit its type"
    return None if size == _element_size(*code) else "its state's size does not fit its type"


def _type_code(dtype: Value) -> tuple[str, str] | None:
    """The letter and digits of a dtype's name: `("f", "8")`."""
    items = tuple_items(dtype.arguments) if isinstance(dtype, Made) else None
    match = re.fullmatch(r"[<>|=]?(.)(\d*)", items[0]) if items and isinstance(items[0], str) else None
    return (match[1], match[2]) if match else None


def _element_size(letter: str, digits: str) -> int | None:
    """The size that numpy writes: that of text and raw bytes, -1 for the types whose size is fixed."""
    if letter not in "SUV":
        return -1
    return int(digits) * (4 if letter == "U" else 1) if digits else None


def array_state(state: Value, made: Value) -> str | None:
    """The contract of `ndarray.__setstate__`: a list for objects, bytes for anything else."""
    problem = _ARRAY_STATE(state)
    items = tuple_items(state)
    if problem or items is None:
        return problem
    holds_objects = _holds_objects(items[2])
    if holds_objects is not container("list")(items[4]):
        return "its data do not fit its dtype"
    return None


def _holds_objects(dtype: Value) -> bool:
    """Whether it is an object dtype; unless it can be told that it is not, it is."""
    code = _type_code(dtype)
    return code is None or code[0] == "O"
