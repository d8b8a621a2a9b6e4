"""What an allowed callable may be given. A contract says what is wrong with the arguments, or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from modelward.formats.pickle.values import Blob, Container, Global, Made, Unknown, Value
from modelward.formats.wordlist import words

Contract = Callable[[Value], str | None]
StateContract = Callable[[Value, Value], str | None]  # the state, and what it is set on
Check = Callable[[Value], bool]
LONG_TEXT = "a long text"
MAX_DIGITS = 4000  # of a number in a text; Python reads 4300


class Harm(str):
    """A problem that is an attack beyond doubt: what loading does."""


def takes(*checks: Check, optional: int = 0) -> Contract:
    """Exactly these arguments, as a tuple; the last `optional` may be left out."""

    def contract(arguments: Value) -> str | None:
        items = tuple_items(arguments)
        if items is None:
            return "its arguments cannot be told"
        if not len(checks) - optional <= len(items) <= len(checks):
            return f"it takes {len(checks)} arguments and gets {len(items)}"
        for index, (check, item) in enumerate(zip(checks, items, strict=False), 1):
            if not check(item):
                return f"its argument {index} is not what it should be"
        return None

    return contract


def every(check: Check) -> Contract:
    """Any number of arguments, each of which satisfies the check."""

    def contract(arguments: Value) -> str | None:
        items = tuple_items(arguments)
        if items is None:
            return "its arguments cannot be told"
        wrong = next((index for index, item in enumerate(items, 1) if not check(item)), None)
        return None if wrong is None else f"its argument {wrong} is not what it should be"

    return contract


def either(*contracts: Contract) -> Contract:
    """One of several contracts; the last one's word counts."""

    def contract(arguments: Value) -> str | None:
        problem = None
        for candidate in contracts:
            problem = candidate(arguments)
            if problem is None:
                return None
        return problem

    return contract


def tuple_items(value: Value) -> list[Value] | None:
    """The items of a tuple that is wholly known."""
    if isinstance(value, Container) and value.kind == "tuple" and value.whole:
        return value.items
    return None


#: torch's element types, which are constants -> bytes per element.
TORCH_DTYPES = {
    name: size
    for size, names in {
        1: "bool float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int8 qint8 "
        "quint2x4 quint4x2 quint8 uint8",
        2: "bfloat16 float16 half int16 short uint16",
        4: "chalf complex32 float float32 int int32 qint32 uint32",
        8: "cfloat complex64 double float64 int64 long uint64",
        16: "cdouble complex128",
    }.items()
    for name in names.split()
}


# checks of one value


def torch_dtype(value: Value) -> bool:
    """One of torch's element types."""
    return isinstance(value, Global) and value.module == "torch" and value.name in TORCH_DTYPES


def integer(value: Value) -> bool:
    """An int, not a bool."""
    return type(value) is int


def natural(value: Value) -> bool:
    """An int of at least 0."""
    return type(value) is int and value >= 0


def boolean(value: Value) -> bool:
    """A bool, or the 0 or 1 of older writers."""
    return isinstance(value, int) and value in (0, 1)


def text(value: Value) -> bool:
    """A str. One of protocol 0 that is too long to keep is not known, but is a str."""
    if isinstance(value, Unknown):
        return value.what == LONG_TEXT
    return isinstance(value, str) or (isinstance(value, Blob) and value.kind == "str")


def data(value: Value) -> bool:
    """Bytes, also those written as `_codecs.encode(str, 'latin1')`, or a bytearray of them."""
    if isinstance(value, bytes) or (isinstance(value, Blob) and value.kind == "bytes"):
        return True
    if isinstance(value, Unknown):
        return False
    return made_by("_codecs.encode", "builtins.bytearray", "builtins.bytes")(value)


def number(value: Value) -> bool:
    """An int, float or bool."""
    return isinstance(value, int | float)


def nothing(value: Value) -> bool:
    """None."""
    return value is None


def naturals(value: Value) -> bool:
    """A tuple of ints of at least 0, or a torch.Size."""
    if isinstance(value, Made) and made_by("torch.Size")(value):
        return True
    items = tuple_items(value)
    return items is not None and all(natural(item) for item in items)


def one_of(*constants: str | int | None) -> Check:
    """One of these constants."""
    return lambda value: any(type(value) is type(constant) and value == constant for constant in constants)


def matching(pattern: str) -> Check:
    """A str that matches as a whole."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def any_of(*checks: Check) -> Check:
    """A value that satisfies one of the checks."""
    return lambda value: any(check(value) for check in checks)


def named(*qualnames: str) -> Check:
    """One of these globals, not called. The names are those of Python 3."""
    wanted = {tuple(qualname.rsplit(".", 1)) for qualname in qualnames}
    return lambda value: isinstance(value, Global) and value.canonical in wanted


def made_by(*qualnames: str) -> Check:
    """What one of these globals returned."""
    wanted = named(*qualnames)
    return lambda value: isinstance(value, Made) and wanted(value.callee)


def container(*kinds: str) -> Check:
    """A plain container of one of these kinds, whatever it holds."""
    return lambda value: isinstance(value, Container) and value.kind in kinds


def empty(*kinds: str) -> Check:
    """An empty plain container of one of these kinds."""
    return lambda value: (
        isinstance(value, Container) and value.kind in kinds and value.whole and not value.items
    )


def pairs(value: Value) -> bool:
    """A list or tuple of lists or tuples of two. Never a string, which is a sequence too.

    Of a long one, the items that were kept count: another would be refused by the loader.
    """
    if not (isinstance(value, Container) and value.kind in ("list", "tuple")):
        return False
    return all(
        isinstance(item, Container) and item.kind in ("list", "tuple") and len(item.items) == 2
        for item in value.items
    )


def constants(item: Value) -> bool:
    """None, a bool, number, text or bytes."""
    return item is None or isinstance(item, bool | int | float | str | bytes | Blob)


_RANGE = named("builtins.range", "builtins.xrange")


def made(item: Value) -> bool:
    """What a call returned; the call is judged for itself.

    Never a range, which a few bytes make as long as they like: what runs through its argument would not end.
    """
    return isinstance(item, Made) and not _RANGE(item.callee)


def number_text(value: Value) -> bool:
    """A short text, as numbers are written in: what reads a long one takes the square of its length."""
    return isinstance(value, str) and len(value) <= MAX_DIGITS


def value(item: Value) -> bool:
    """A global that may be kept as a value: a class, or a function that harms nobody if it is called."""
    from modelward.formats.pickle.profiles import entry_of  # which are made of contracts

    entry = entry_of(item) if isinstance(item, Global) else None
    return entry is not None and entry.value


def is_tool(item: Value) -> bool:
    """A global that is allowed for calls with some arguments only, and so never as a value (`getattr`)."""
    from modelward.formats.pickle.profiles import entry_of

    entry = entry_of(item) if isinstance(item, Global) else None
    return entry is not None and not entry.value


def holds_tool(item: Value, depth: int = 4) -> bool:
    """Whether a value, or what a container holds, is a tool, or too deep to tell."""
    if isinstance(item, Container):
        return depth == 0 or any(holds_tool(inner, depth - 1) for inner in item.items)
    return isinstance(item, Global) and is_tool(item)


#: Methods that unpicklers, or `__setstate__`, `__hash__`, `__eq__` and `__del__` of known classes, call on an
#: instance or on what its state holds: an attribute of that name is found before the method.
_CALLED_ON_LOAD = words(
    """
    _attach_argparser_methods _attach_methods _build_f _comparison _initialize _is_missing
    _make_unlabeled_identifier _patch_step_function _updated_ctor_param append astype free_network get_params
    join load_state_dict nbunch_iter prob read read_array read_mmap set_weight_bias setdefault to_json_string
    """
)
#: The same of names that attributes have too.
_USUAL_METHODS = words("add all cpu eq eval extend get item items keys pop update values")
_MAKE_FUNCTIONS = words("_functools _operator functools operator")


#: Attributes with special names that wrappers and generic classes leave in the state of their instances.
_USUAL = frozenset(
    {
        "__doc__", "__fields_set__", "__module__", "__name__", "__networkx_cache__", "__orig_class__",
        "__qualname__", "__version__",
    }
)  # fmt: skip


def plain_state(state: Value, _made: Value = None) -> str | None:
    """The contract of a default `__setstate__`: attributes by name, none special, none a tool.

    `__setstate__` itself, set on an instance, would be called by the next BUILD.
    """
    if state is None:
        return None
    if not (isinstance(state, Container) and state.kind == "dict" and state.whole):
        return "its state is not a dict that is known"
    for key, item in zip(state.items[::2], state.items[1::2], strict=True):
        if not isinstance(key, str) or (key.startswith("__") and key.endswith("__") and key not in _USUAL):
            return "its state sets a special attribute"
        if isinstance(item, Global) and is_tool(item):
            return f"its state sets {key} to {item.qualname}"
        if _replaces_method(key, item):
            return f"its state replaces the method {key}, which loading calls"
    return None


def data_state(state: Value, _made: Value) -> str | None:
    """A constant, a tuple of constants, or what a plain state may be."""
    items = tuple_items(state)
    if constants(state) or (items is not None and all(map(constants, items))):
        return None
    return plain_state(state)


def _replaces_method(key: str, item: Value) -> bool:
    """Whether an attribute could be called in place of a method while the pickle loads."""
    if key in _CALLED_ON_LOAD:
        return isinstance(item, Global | Made | Unknown)
    if key not in _USUAL_METHODS:
        return False
    maker = item.callee if isinstance(item, Made) else item
    if isinstance(item, Made) and isinstance(maker, Global):
        return maker.canonical[0] in _MAKE_FUNCTIONS or maker.canonical == ("builtins", "getattr")
    return isinstance(maker, Global | Made | Unknown)


def state_without(*names: str) -> StateContract:
    """A plain state that leaves alone some attributes, by which the class runs or finds other things."""

    def contract(state: Value, _made: Value) -> str | None:
        if isinstance(state, Container):
            for key in state.items[::2]:
                if isinstance(key, str) and key in names:
                    return f"its state sets {key}"
        return plain_state(state)

    return contract
