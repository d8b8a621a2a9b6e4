"""numpy's dtypes are changed in place: once, and before anything is made of them.

`dtype.__setstate__` on the dtype of an array that exists makes pointers of its bytes, whatever its state;
one that is right by itself is wrong then. numpy writes the state of a dtype right behind the dtype.
"""

from __future__ import annotations

from modelward.formats.pickle.values import Container, Event, Global, Kind, Made, Value

_MAKERS = ("scalar", "_frombuffer")
_OBJECTS = 0x03  # the flags of a dtype that holds objects: NPY_ITEM_REFCOUNT, NPY_LIST_PICKLE
_PROBLEM = "its state is set after something was made of it"
#: How far to look for dtypes: in an array's state, in the attributes of joblib's wrapper; and in all the
#: fields of another dtype, `{name: (dtype, offset)}`.
_DEPTH = 3
_ITEMS = 24
_FIELDS = 8192


class DtypeOrder:
    """Follows one stream's events; what it remembers is one entry for each dtype."""

    def __init__(self) -> None:
        self._used: dict[int, Made] = {}  # by identity, which holds as long as they are kept
        self._objects: set[int] = set()  # the identities of those that hold objects

    def problem(self, event: Event) -> str:
        """What is wrong with the place of an event among the others, or nothing."""
        target = event.target
        if event.kind is Kind.CALL:
            if isinstance(target, Global) and target.name in _MAKERS:
                self._use(event.arguments, 1, _ITEMS)
            return ""
        if event.kind is not Kind.BUILD:
            return ""
        if not isinstance(target, Made) or not _is_dtype(target):
            self._use(event.arguments, _DEPTH, _ITEMS)
            return ""
        parts = self._use(event.arguments, _DEPTH, _FIELDS)
        known = id(target) in self._used
        self._used[id(target)] = target
        if known:
            return _PROBLEM
        flags = _flags(event.arguments)
        if flags & _OBJECTS:
            self._objects.add(id(target))
        if flags & _OBJECTS != _OBJECTS and any(id(part) in self._objects for part in parts):
            return "its state's flags do not fit those of its parts"
        return ""

    def _use(self, value: Value, depth: int, most: int) -> list[Made]:
        """Note the dtypes in a value, and return them."""
        if isinstance(value, Made):
            if not _is_dtype(value):
                return []
            self._used[id(value)] = value
            return [value]
        found: list[Made] = []
        if isinstance(value, Container) and depth and value.kind in ("tuple", "dict"):
            for item in value.items[:most]:
                found += self._use(item, depth - 1, most)
        return found


def _flags(state: Value) -> int:
    """The flags in a dtype's state; its contract has looked at the rest."""
    flags = state.items[7] if isinstance(state, Container) and len(state.items) > 7 else None
    return flags if isinstance(flags, int) else 0


def _is_dtype(made: Made) -> bool:
    return isinstance(made.callee, Global) and made.callee.canonical == ("numpy", "dtype")
