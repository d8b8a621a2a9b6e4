"""Calls in a Python program that reach a function by way of another: `partial`, `methodcaller`, threads."""

from __future__ import annotations

from modelward.formats import python_values as values
from modelward.formats.python_values import HIDDEN, Value, constant
from modelward.formats.wordlist import words

#: What is called, and with what.
Call = tuple[Value, list[Value], dict[str, Value]]

#: Functions that keep their arguments for the call of what they give.
KEEPING = words("functools.partial operator.attrgetter operator.itemgetter operator.methodcaller")
#: Functions that call what is given, or their argument `target`, with the arguments beside it.
_CALLING = words("atexit.register asyncio.to_thread _thread.start_new_thread builtins.map itertools.starmap")
_STARTING = words("threading.Thread threading.Timer multiprocessing.Process multiprocessing.context.Process")

#: What functions are given to in ordinary programs: it keeps or compares them, or calls them as is seen here.
FOLLOWED = (
    *KEEPING, *_CALLING, *_STARTING, "builtins.isinstance", "builtins.print", "builtins.callable",
    "builtins.hasattr", "builtins.getattr", "builtins.type", "builtins.id", "builtins.repr", "builtins.str",
    "inspect.", "functools.", "unittest.", "mock.", "pytest.", "typing.",
)  # fmt: skip


def through(callee: Value, name: str, arguments: list[Value], keywords: dict[str, Value]) -> Call | None:
    """What a call comes down to, or None if it is one of what is named."""
    if name == "functools.partial()" and (first := _items(callee)):
        return first[0], [*first[1:], *arguments], keywords
    if name == "operator.methodcaller()" and arguments and (first := _items(callee)):
        return _member(arguments[0], first[0]), first[1:], {}
    if name in _CALLING and arguments:
        rest = arguments[1:]
        if name != "atexit.register" and name != "asyncio.to_thread" and rest:
            rest = _items(rest[0])[:1] if name == "builtins.map" else _items(rest[0])
        return arguments[0], rest, {}
    if name in _STARTING:
        target = keywords.get("target") or keywords.get("function") or next(iter(arguments[1:2]), None)
        at = 2 if name == "threading.Timer" else 3
        given = keywords.get("args") or next(iter(arguments[at : at + 1]), None)
        return (target, _items(given), {}) if target is not None else None
    if name.endswith((".submit", ".run_in_executor")) and arguments:
        at = 1 if name.endswith("executor") else 0
        return (arguments[at], arguments[at + 1 :], {}) if len(arguments) > at else None
    return None


def fetched(callee: Value, name: str, arguments: list[Value]) -> Value | None:
    """The member that a call fetches from what it is given, or None if it does something else."""
    if name in ("operator.attrgetter()", "operator.itemgetter()") and arguments and (kept := _items(callee)):
        of_items = name == "operator.itemgetter()"
        found = [
            values.subscript(arguments[0], key) if of_items else _member(arguments[0], key) for key in kept
        ]
        return found[0] if len(found) == 1 else constant([values.kept(one) for one in found])
    if name in ("builtins.dict.get", "builtins.dict.pop", "builtins.dict.__getitem__") and len(arguments) > 1:
        return _member(arguments[0], arguments[1])
    owner, _, last = name.rpartition(".")
    if last in ("__getattribute__", "__getattr__", "__getitem__") and arguments:
        if len(arguments) > 1:  # object.__getattribute__(os, 'system')
            return _member(arguments[0], arguments[1])
        return _member(Value(owner, tags=callee.tags), arguments[0])
    return None


def _items(value: Value | None) -> list[Value]:
    whole = value.constant if value is not None else None
    return [constant(item) for item in whole] if isinstance(whole, list) else []


def _member(owner: Value, key: Value) -> Value:
    """`owner.key`, by a way that nobody takes who could write it so."""
    found = owner
    for part in (key.text or "?").split("."):
        found = values.attribute(found, part)
    return found.tagged(HIDDEN) if key.text else found
