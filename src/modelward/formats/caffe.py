"""Caffe networks (caffe.proto): layers with their weights. A layer of the type Python imports its code."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.formats.facts import EmbeddedCode
from modelward.formats.protobuf import BYTES, VARINT, Field, Message

_LAYER, _OLD_LAYER, _PYTHON = 100, 2, 130


def is_network(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file has layers: with a name and a type, or of the older kind, with a number for the type."""
    return any(_wires(root, entry, {1: BYTES, 2: BYTES}) for entry in roots.get(_LAYER, [])) or (
        1 in roots and any(_wires(root, entry, {4: BYTES, 5: VARINT}) for entry in roots.get(_OLD_LAYER, []))
    )


def _wires(root: Message, entry: Field, wanted: dict[int, int]) -> bool:
    if entry.wire != BYTES:
        return False
    found = {part.number: part.wire for part in root.child(entry).fields()}
    return all(found.get(number) == wire for number, wire in wanted.items())


def facts(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """The layers that import Python code. Raises InputError, LimitExceeded."""
    for entry in root.fields():
        if entry[:2] != (_LAYER, BYTES):
            continue
        layer = root.child(entry)
        label = kind = ""
        code: list[str] = []
        for part in layer.fields():
            if part[:2] == (1, BYTES):
                label = layer.text(part)
            elif part[:2] == (2, BYTES):
                kind = layer.text(part)
            elif part[:2] == (_PYTHON, BYTES):
                python = layer.child(part)
                code += [python.text(text) for text in python.fields() if text.wire == BYTES]
        if kind == "Python" or code:
            yield EmbeddedCode(
                f"layer {label!r}", "a layer of Python code", ".".join(code[:2]), offset=entry.start
            )
