"""How Python writes the making of an instance without its constructor: copyreg's functions.

`__newobj__(class, *args)` and `__newobj_ex__(class, args, keywords)` are what NEWOBJ and NEWOBJ_EX do;
`_reconstructor(class, base, state)` is `base.__new__(class, state)` and `base.__init__(instance, state)`.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import (
    Check,
    any_of,
    container,
    data,
    empty,
    made_by,
    nothing,
    number,
    text,
    tuple_items,
)
from modelward.formats.pickle.profiles import entry_of
from modelward.formats.pickle.values import Container, Global, Unknown, Value, with_keywords

#: What may be the base -> the state that Python writes for it.
_BASES: dict[str, Check] = {
    "object": nothing,
    "dict": container("dict"),
    "list": container("list"),
    "set": any_of(container("set", "list"), made_by("builtins.set")),
    "frozenset": any_of(container("frozenset", "list"), made_by("builtins.frozenset")),
    "tuple": container("tuple"),
    "str": any_of(text, data),
    "bytes": any_of(text, data),
    "int": number,
    "float": number,
    "complex": any_of(number, made_by("builtins.complex")),
}
#: Those whose instances are made empty, and then filled.
_FILLED = ("dict", "list", "set")


def making(maker: Global, arguments: Value) -> tuple[Value, Value, str | None]:
    """What a maker makes, the arguments of its `__new__`, and what is wrong with how it is made, or None.

    A state that fills an instance is no argument, but for a class that is not known, of which it may tell.
    """
    items = tuple_items(arguments) or [None]
    made, rest = items[0], items[1:]
    match maker.name:
        case "_reconstructor" if len(rest) == 2:
            return (made, *_reconstructed(made, *rest))
        case "__newobj__":
            return made, Container("tuple", rest), None
        case "__newobj_ex__" if len(rest) == 2:
            return made, with_keywords(*rest), None
        case _:
            return made, Unknown("arguments"), "its arguments cannot be told"


def _reconstructed(made: Value, base: Value, state: Value) -> tuple[Value, str | None]:
    module, name = base.canonical if isinstance(base, Global) else ("", "")
    entry = entry_of(made) if isinstance(made, Global) else None
    bare = state is None or (entry is not None and name in _FILLED)
    arguments = Container("tuple", [] if bare else [state])
    if module != "builtins" or name not in _BASES:
        return arguments, "the base of what it makes is not known"
    if not _BASES[name](state):
        return arguments, f"it makes a {name} of what is no state of one"
    if name in _FILLED and entry is not None and not entry.items and not empty("dict", "list", "set")(state):
        return arguments, "items are put into what it makes"
    return arguments, None
