"""The object that a plain value of the machine stands for."""

from __future__ import annotations

from typing import Any

from modelward.formats.pickle.values import Blob, Container, Value


def plain(value: Value) -> Any:
    """Constants, containers and what is left in the source, as Python's own."""
    if isinstance(value, Blob):
        data = value.load(value.length)
        return data if value.kind == "bytes" else data.decode("utf-8", "surrogatepass")
    if not isinstance(value, Container):
        return value
    items = [plain(item) for item in value.items]
    match value.kind:
        case "tuple":
            return tuple(items)
        case "list":
            return items
        case "dict":
            return dict(zip(items[::2], items[1::2], strict=True))
        case "set":
            return set(items)
        case _:
            return frozenset(items)
