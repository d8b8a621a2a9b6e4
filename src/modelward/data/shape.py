"""What a column holds: one kind of value throughout, nested or not.

A column that mixes kinds (a number here, a text there) is refused: no reader of it agrees with another.
Integers and floats are one kind, since the same number has the same digest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.cells import Value

MAX_DEPTH = 64
#: Columns of a dataset, and fields of one struct.
MAX_FIELDS = 10_000
#: Characters of a column's name.
MAX_NAME = 1024

_SURROGATE = re.compile("[\ud800-\udfff]")


class MixedKinds(Exception):
    """Two kinds of value in one place."""

    def __init__(self, one: Shape, other: Shape) -> None:
        super().__init__(f"{one.text()} and {other.text()}")


@dataclass(frozen=True, slots=True)
class Shape:
    """The kind of a column's values. `types` are the Arrow types met; `item` and `fields` nest."""

    kind: str
    types: frozenset[str] = frozenset()
    item: Shape | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)

    def text(self) -> str:
        """As Arrow writes a type: `int64`, `list<item: string>`, `struct<a: double>`."""
        if self.kind == "list" and self.item:
            return f"list<item: {self.item.text()}>"
        if self.kind == "struct":
            inside = ", ".join(f"{name}: {shape.text()}" for name, shape in sorted(self.fields.items()))
            return f"struct<{inside}>"
        if self.kind == "map" and self.item:
            pair = self.item.fields
            return f"map<{pair['key'].text()}, {pair['value'].text()}>"
        return " | ".join(sorted(self.types)) or "null"

    def merged(self, other: Shape) -> Shape:
        """The shape of values of both. Raises MixedKinds, LimitExceeded."""
        if self is other or other.kind == "null":
            return self
        if self.kind == "null":
            return other
        if self.kind != other.kind:
            raise MixedKinds(self, other)
        item = self.item.merged(other.item) if self.item and other.item else self.item or other.item
        fields = {**self.fields}
        for name, shape in other.fields.items():
            fields[name] = fields[name].merged(shape) if name in fields else shape
        if len(fields) > MAX_FIELDS:
            raise LimitExceeded(f"a struct has over {MAX_FIELDS} fields")
        if item is self.item and self.types >= other.types and fields == self.fields:
            return self
        return Shape(self.kind, self.types | other.types, item, fields)

    def plain(self, name: str) -> list[Any]:
        """What `Shape.parse` reads, for JSON: name, kind, Arrow types, shape of the items, of the fields."""
        item = self.item.plain("") if self.item else None
        fields = [shape.plain(inner) for inner, shape in sorted(self.fields.items())]
        return [name, self.kind, sorted(self.types), item, fields]

    @staticmethod
    def parse(plain: Any, depth: int = 0) -> tuple[str, Shape]:
        """A name and a shape from what `plain` gave. Raises InputError, LimitExceeded."""
        if depth >= MAX_DEPTH:
            raise LimitExceeded(f"the type nests deeper than {MAX_DEPTH} levels")
        try:
            name, kind, types, item, fields = plain
            inner = dict(Shape.parse(field, depth + 1) for field in fields)
            texts = [name, kind, *types]
        except (TypeError, ValueError):
            raise InputError("a column's type is damaged") from None
        if not all(isinstance(text, str) for text in texts):
            raise InputError("a column's type is damaged")
        shape = Shape.parse(item, depth + 1)[1] if item is not None else None
        return name, Shape(kind, frozenset(types), shape, inner)


NULL = Shape("null")
TEXT = Shape("text", frozenset({"string"}))
#: Python type of a JSON value -> its shape.
FLAT = {
    type(None): NULL,
    bool: Shape("bool", frozenset({"bool"})),
    int: Shape("number", frozenset({"int64"})),
    float: Shape("number", frozenset({"double"})),
    str: TEXT,
}


def shape_of(value: Value, depth: int = 0) -> Shape:
    """The shape of one JSON value. Raises MixedKinds for a list of several kinds, LimitExceeded."""
    flat = FLAT.get(type(value))
    if flat:
        return flat
    if depth >= MAX_DEPTH:
        raise LimitExceeded(f"the value nests deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        if len(value) > MAX_FIELDS:
            raise LimitExceeded(f"a struct has over {MAX_FIELDS} fields")
        return Shape("struct", fields={name: shape_of(inner, depth + 1) for name, inner in value.items()})
    return Shape("list", item=shape_of_all(value, NULL, depth + 1))


def shape_of_all(values: Sequence[Value], known: Shape = NULL, depth: int = 0) -> Shape:
    """The shape of `known` and these JSON values together. Raises MixedKinds, LimitExceeded."""
    kinds = set(map(type, values))
    if kinds <= FLAT.keys():
        for kind in sorted(kinds, key=lambda kind: kind.__name__):
            known = known.merged(FLAT[kind])
        return known
    for value in values:
        known = known.merged(shape_of(value, depth))
    return known


class Columns:
    """The shapes of a dataset's columns, gathered while its shards are read."""

    def __init__(self) -> None:
        self._shapes: dict[str, tuple[Shape, str]] = {}

    def add(self, name: str, shape: Shape, where: str) -> None:
        """Note that `where` has this column. Raises InputError if it was of another kind elsewhere."""
        if len(name) > MAX_NAME or _SURROGATE.search(name):
            raise InputError(f"column name {name[:40]!r} is too long or not Unicode", where=where)
        known, first = self._shapes.get(name, (NULL, where))
        try:
            merged = known.merged(shape)
        except MixedKinds:
            raise InputError(
                f"column {name!r} is {shape.text()} here and {known.text()} in {first}",
                where=where,
                help="make the shards agree; for CSV name the type, as in --type COLUMN=int64",
            ) from None
        if merged is not known or name not in self._shapes:
            self._shapes[name] = (merged, first if known.kind != "null" else where)
        if len(self._shapes) > MAX_FIELDS:
            raise LimitExceeded(f"the dataset has over {MAX_FIELDS} columns", where=where)

    def shape(self, name: str) -> Shape:
        """The shape of a column so far."""
        return self._shapes.get(name, (NULL, ""))[0]

    def items(self) -> list[tuple[str, Shape]]:
        """Each column's name and shape, by name."""
        return [(name, shape) for name, (shape, _) in sorted(self._shapes.items())]
