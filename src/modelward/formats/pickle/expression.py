"""Values and events written as the Python expression that the loader evaluates, for people to read."""

from __future__ import annotations

from modelward.formats.pickle.values import (
    Blob,
    Container,
    Event,
    Global,
    Kind,
    Made,
    Persistent,
    Unknown,
    Value,
)

MAX_TEXT = 60
MAX_ITEMS = 4
MAX_DEPTH = 4
MAX_LENGTH = 160

_METHODS = {"SETITEM": "__setitem__", "SETITEMS": "update", "ADDITEMS": "update", "APPEND": "append"}
_BRACKETS = {"list": "[]", "tuple": "()", "dict": "{}", "set": "{}", "frozenset": "{}"}


def render_event(event: Event) -> str:
    """The expression of an event, at most MAX_LENGTH characters."""
    target = render(event.target)
    match event.kind:
        case Kind.CALL:
            text = f"{target}{_arguments(event.arguments, MAX_DEPTH)}"
        case Kind.BUILD:
            text = f"{target}.__setstate__({render(event.arguments)})"
        case Kind.CHANGE:
            text = f"{target}.{_METHODS.get(event.step, 'extend')}{_arguments(event.arguments, MAX_DEPTH)}"
        case Kind.EXTENSION:
            text = f"copyreg extension {target}"
        case Kind.BUFFER:
            text = "a buffer from outside the stream"
        case Kind.AMBIGUOUS:
            text = event.note
        case _:
            text = target
    return shorten(text)


def shorten(text: str) -> str:
    """At most MAX_LENGTH characters of a text."""
    return text if len(text) <= MAX_LENGTH else text[: MAX_LENGTH - 1] + "…"


def render(value: Value, depth: int = MAX_DEPTH) -> str:
    """A value as an expression, cut short where it is long or deep."""
    match value:
        case Global():
            return shorten(value.qualname)
        case Made() if depth:
            return f"{render(value.callee, depth - 1)}{_arguments(value.arguments, depth - 1)}"
        case Container() if depth:
            return _container(value, depth)
        case Blob():
            return f"<{value.length} bytes of {'text' if value.kind == 'str' else 'data'}>"
        case Persistent() if depth:
            return f"persistent_load({render(value.pid, depth - 1)})"
        case Unknown():
            return f"<{value.what}>"
        case str() | bytes():
            return repr(value) if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]!r}…"
        case Made() | Container() | Persistent():
            return "…"
        case _:
            return repr(value)


def _arguments(value: Value, depth: int) -> str:
    if isinstance(value, Container) and value.kind == "tuple":
        return f"({_items(value, depth)})"
    return f"(*{render(value, depth)})"


def _container(value: Container, depth: int) -> str:
    if value.kind == "tuple" and len(value.items) == 1 and value.whole:
        return f"({render(value.items[0], depth - 1)},)"
    brackets = _BRACKETS[value.kind]
    return f"{brackets[0]}{_items(value, depth)}{brackets[1]}"


def _items(value: Container, depth: int) -> str:
    shown = [render(item, depth - 1) for item in value.items[: MAX_ITEMS * 2]]
    if value.kind == "dict":
        shown = [f"{key}: {item}" for key, item in zip(shown[::2], shown[1::2], strict=False)]
    more = len(value.items) > MAX_ITEMS * 2 or not value.whole
    return ", ".join([*shown, "…"] if more else shown)
