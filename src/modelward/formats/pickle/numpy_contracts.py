"""What numpy's arrays and dtypes may be given as state.

`dtype.__setstate__` believes the flags, fields and size in its state, and `ndarray.__setstate__` believes the
dtype: a dtype that holds objects but does not say so would have raw bytes taken for pointers. So only dtypes
whose flags, offsets and sizes are those that numpy writes pass.
"""

from __future__ import annotations

import re
from math import prod

from modelward.formats.pickle.contracts import (
    any_of,
    boolean,
    container,
    data,
    integer,
    made_by,
    named,
    natural,
    naturals,
    nothing,
    one_of,
    plain_state,
    takes,
    text,
    tuple_items,
)
from modelward.formats.pickle.values import Container, Global, Made, Value

#: The flags that numpy writes: objects have all (has objects, list pickle, ...), text needs initialising.
_FLAGS = {"O": 63, "U": 8}
_OLD_FLAGS = {("U", 0)}  # of numpy before 1.0
_HOLDS_OBJECTS = 1  # NPY_ITEM_REFCOUNT
_LIST_PICKLE = 2
_KNOWN_FLAGS = 0xFF
#: Sizes of the types whose name does not say them in bytes.
_CODES = {"b1": 1, "?": 1, "c8": 8, "c16": 16, "M8": 8, "m8": 8}

_BYTE_ORDER = one_of("<", ">", "|", "=")
_ALIGNMENT = one_of(-1, 1, 2, 4, 8, 16, 32)
_NAMES = re.compile(r"[<>|=]?(.)(\d*)")
_STRINGS = tuple(f"numpy.{core}._internal._convert_to_stringdtype_kwargs" for core in ("core", "_core"))
_ARRAY_STATE = takes(
    one_of(0, 1, 2),
    naturals,
    made_by("numpy.dtype", *_STRINGS),
    boolean,
    any_of(data, container("list"), text),
)
_UNITS = takes(any_of(data, text, nothing), integer, integer, integer)
_MAX_FIELDS = 4096


def simple_dtype(value: Value) -> bool:
    """A dtype whose elements are not objects, or fields: numpy looks for objects in those itself."""
    return made_by("numpy.dtype")(value) and not _holds_objects(value)


def shape_of_nothing(value: Value) -> bool:
    """`(0,)`, which numpy writes for an array that its state will fill."""
    return tuple_items(value) == [0]


def dtype_state(state: Value, made_dtype: Value) -> str | None:
    """The contract of `dtype.__setstate__` on the dtype `made_dtype`.

    (version, byte order, subarray, names, fields, size, alignment, flags[, metadata]).
    """
    items = tuple_items(state)
    if items is None or len(items) not in (8, 9) or not natural(items[0]) or not _BYTE_ORDER(items[1]):
        return "its state is not that of a dtype"
    if not _is_copy(made_dtype):
        return "its state would change a type that all share"
    _, _, subarray, names, fields, size, alignment, flags = items[:8]
    if len(items) == 9 and not _metadata(items[8]):
        return "its metadata are not those of a dtype"
    if not (isinstance(size, int) and isinstance(flags, int) and _ALIGNMENT(alignment)):
        return "its state is not that of a dtype"
    if (subarray, names, fields) == (None, None, None):
        return _simple(made_dtype, size, flags)
    problem = _fields(names, fields, size, flags) if subarray is None else _subarray(subarray, size, flags)
    if problem is None and _declared(made_dtype) not in (None, size):
        return "its state's size does not fit its type"
    return problem


def _declared(made_dtype: Value) -> int | None:
    """The size in the name of raw bytes (`V24`), by which other dtypes take this one, or None for records."""
    code = _type_code(made_dtype)
    return _size(made_dtype) if code is not None and code[1] else None


def _is_copy(made_dtype: Value) -> bool:
    """Whether `dtype(type, align, copy)` gave a dtype of its own."""
    arguments = tuple_items(made_dtype.arguments) if isinstance(made_dtype, Made) else None
    return arguments is not None and len(arguments) > 2 and arguments[2] in (True, 1)


def _simple(made_dtype: Value, size: int, flags: int) -> str | None:
    code = _type_code(made_dtype)
    if code is None or (flags != _FLAGS.get(code[0], 0) and (code[0], flags) not in _OLD_FLAGS):
        return "its state's flags do not fit its type"
    return None if size in (_element_size(*code), -1) else "its state's size does not fit its type"


def _metadata(value: Value) -> bool:
    """None, a dict, or a date's (None or a dict, (unit, 1, 1, 1))."""
    items = tuple_items(value)
    if items is not None and len(items) == 2:
        return plain_state(items[0]) is None and _UNITS(items[1]) is None
    return value is None or plain_state(value) is None


def _subarray(value: Value, size: int, flags: int) -> str | None:
    items = tuple_items(value)
    if items is None or len(items) != 2 or not made_by("numpy.dtype")(items[0]):
        return "its subarray is not known"
    shape = [items[1]] if isinstance(items[1], int) else tuple_items(items[1])
    element = _size(items[0])
    if shape is None or element is None or flags & ~_KNOWN_FLAGS:
        return "its subarray is not known"
    for length in shape:
        if not isinstance(length, int) or length < 0:
            return "its subarray is not known"
        element *= length
    if _holds_objects(items[0]) and not _says_objects(flags):
        return "its state's flags do not fit its type"
    return None if element == size else "its state's size does not fit its type"


def _fields(names: Value, fields: Value, size: int, flags: int) -> str | None:
    listed = tuple_items(names)
    if size < 0:
        return "its size is below zero"
    if listed is None or not (isinstance(fields, Container) and fields.kind == "dict" and fields.whole):
        return "its fields are not known"
    if not all(map(text, listed)) or len(fields.items) > 2 * _MAX_FIELDS or flags & ~_KNOWN_FLAGS:
        return "its fields are not known"
    for field in fields.items[1::2]:
        parts = tuple_items(field)
        if parts is None or len(parts) not in (2, 3) or not made_by("numpy.dtype")(parts[0]):
            return "its fields are not known"
        if _type_code(parts[0]) == ("V", ""):
            return "a field is a record, whose size its name does not say"
        width, offset = _size(parts[0]), parts[1]
        if width is None or not isinstance(offset, int) or offset < 0 or offset + width > size:
            return "a field lies outside of it"
        if _holds_objects(parts[0]) and not _says_objects(flags):
            return "its state's flags do not fit its type"
    return None


def _says_objects(flags: int) -> bool:
    return flags & _HOLDS_OBJECTS != 0 and flags & _LIST_PICKLE != 0


def _type_code(dtype: Value) -> tuple[str, str] | None:
    """The letter and digits of a dtype's name: `("f", "8")`; records are raw bytes."""
    items = tuple_items(dtype.arguments) if isinstance(dtype, Made) else None
    if items and isinstance(items[0], Global):
        return ("V", "")
    match = _NAMES.fullmatch(items[0]) if items and isinstance(items[0], str) else None
    return (match[1], match[2]) if match else None


def _size(dtype: Value) -> int | None:
    """The size of a dtype's elements in bytes, or None if its name does not say it."""
    code = _type_code(dtype)
    if code is None:
        return None
    letter, digits = code
    if known := _CODES.get(letter + digits):
        return known
    if not digits:
        return {"O": 8, "S": 0, "U": 0, "V": 0}.get(letter)
    return int(digits) * (4 if letter == "U" else 1)


def _element_size(letter: str, digits: str) -> int | None:
    """The size that numpy writes: that of text and raw bytes, -1 for the types whose size is fixed."""
    if letter not in "SUV":
        return -1
    return int(digits) * (4 if letter == "U" else 1) if digits else None


def array_state(state: Value, _made: Value) -> str | None:
    """The contract of `ndarray.__setstate__`: a list for objects, bytes for anything else.

    numpy counts the bytes, but takes as many items from a list as the shape says, be they there or not.
    """
    problem = _ARRAY_STATE(state)
    items = tuple_items(state)
    if problem or items is None:
        return problem
    content, shape = items[4], tuple_items(items[1])
    # Whether there are objects in fields is in its flags, by which numpy goes.
    if not _has_fields(items[2]) and _holds_objects(items[2]) is not container("list")(content):
        return "its data do not fit its dtype"
    if isinstance(content, Container) and (shape is None or _count(shape) != content.size):
        return "its data do not fit its shape"
    return None


def _count(shape: list[Value]) -> int:
    """The number of elements of a shape of ints."""
    return prod(size for size in shape if isinstance(size, int))


def masked_state(state: Value, made_array: Value) -> str | None:
    """The contract of `MaskedArray.__setstate__`: an array's state, the mask's bytes, the fill value."""
    items = tuple_items(state)
    if items is None or len(items) != 7 or not (data(items[5]) or text(items[5])):
        return "its state is not that of a masked array"
    return array_state(Container("tuple", items[:5]), made_array)


def subclass_state(state: Value, made_array: Value) -> str | None:
    """A state with attributes beside the array's: `(array state..., dict)` or `(array state, attributes)`."""
    items = tuple_items(state)
    if items is not None and len(items) == 2 and tuple_items(items[0]) is not None:
        return array_state(items[0], made_array)
    return array_state(state, made_array)


def _has_fields(dtype: Value) -> bool:
    code = _type_code(dtype)
    return code is not None and code[0] == "V"


def _holds_objects(dtype: Value) -> bool:
    """Whether it is an object dtype; unless it can be told that it is not, it is.

    Whether there are objects in its fields is in its own state, which `DtypeOrder` remembers.
    """
    code = _type_code(dtype)
    return code is None or code[0] == "O"


_DTYPE = re.compile(r"[<>|=]?[?biufcSUVOmM]\d{0,8}|[biufc]\d+")

#: What a dtype may be made of: a type's name, or the record class.
dtype_of = any_of(
    lambda value: isinstance(value, str) and _DTYPE.fullmatch(value) is not None,
    named("numpy.record", "numpy.core.records.record", "numpy.rec.record"),
)
