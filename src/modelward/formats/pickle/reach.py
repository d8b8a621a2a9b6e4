"""`getattr` and its like in a pickle: which attribute of what, and what to think of it.

Python itself writes `getattr(Class, 'method')` for bound methods and `getattr(Enum, 'MEMBER')` for some
members of enumerations. Everything else that reaches attributes by name is an attack: with one step more it
reaches all.
"""

from __future__ import annotations

from enum import Enum

from modelward.formats.pickle import gadgets, sinks, stdlib
from modelward.formats.pickle.contracts import tuple_items
from modelward.formats.pickle.profiles import entry_of
from modelward.formats.pickle.values import Container, Global, Made, Value

#: Methods of these are values that text processing keeps (`str.lower`).
_PLAIN_TYPES = frozenset({"bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})
#: How Python writes the making of instances: `copyreg.__newobj__(class, ...)`.
MAKERS = {("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("copyreg", "__newobj_ex__")}
#: What makes a class or an instance, so that its attribute may be a bound method.
_FINDERS = frozenset(
    {
        "__import__", "import_module", "getattr", "attrgetter", "methodcaller", "subimport", "_import_module",
        "_get_attr", "resolve_name", "locate", "globals", "locals", "vars", "__getattribute__",
    }
)  # fmt: skip


class Reach(Enum):
    """What a use of `getattr` gives."""

    MEMBER = "member"  # of an enumeration, or a method of a plain type, or a known class method
    UNKNOWN = "unknown"  # of something that is on no list
    SINK = "sink"


def reach(arguments: Value) -> tuple[Reach, str]:
    """What `getattr(*arguments)` gives, and the qualified name of what it is an attribute of."""
    items = tuple_items(arguments)
    if items is None or len(items) != 2:
        return Reach.SINK, ""
    owner, name = items
    if (
        not isinstance(name, str)
        or not name.isidentifier()
        or name.startswith("__")
        or name in gadgets.CALLED
    ):
        return Reach.SINK, ""
    if isinstance(owner, Global):
        return _of_global(owner, name), owner.qualname
    if isinstance(owner, Made):
        made = instance_class(owner)
        entry = entry_of(made) if made is not None else None
        if made is not None and entry is not None and name in entry.methods:
            return Reach.MEMBER, made.qualname
        maker = owner.callee
        if isinstance(maker, Global) and maker.name.rpartition(".")[2] not in _FINDERS:
            return Reach.UNKNOWN, maker.qualname
    return Reach.SINK, ""


def _of_global(owner: Global, name: str) -> Reach:
    module, owned = owner.canonical
    entry = entry_of(owner)
    if entry is not None:
        if entry.members or name in entry.methods or (module == "builtins" and owned in _PLAIN_TYPES):
            return Reach.MEMBER
        return Reach.UNKNOWN if entry.value and module != "builtins" else Reach.SINK
    if sinks.effect(owner.module, owner.name) or sinks.reached(owner.module, owner.name):
        return Reach.SINK
    if stdlib.is_standard(module) and not stdlib.is_data(module, owned):
        return Reach.SINK
    return Reach.UNKNOWN


def instance_class(value: Value) -> Global | None:
    """The class of what a call made, where that can be told."""
    if not isinstance(value, Made) or not isinstance(value.callee, Global):
        return None
    module, name = value.callee.canonical
    if (module, name) in MAKERS or name == "_reconstruct":
        arguments = value.arguments
        first = arguments.items[0] if isinstance(arguments, Container) and arguments.items else None
        return first if isinstance(first, Global) else None
    return value.callee


def is_reached(value: Value) -> bool:
    """Whether a value is what `getattr` gave."""
    return (
        isinstance(value, Made)
        and isinstance(value.callee, Global)
        and value.callee.canonical == ("builtins", "getattr")
    )
