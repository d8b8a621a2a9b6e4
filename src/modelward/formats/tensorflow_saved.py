"""What lies beside TensorFlow's graphs: Keras metadata and fingerprints."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.formats.graph_facts import Nested
from modelward.formats.protobuf import BYTES, VARINT, Field, Message


def is_keras_metadata(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file is a SavedMetadata: objects with a path in the model, a class and its configuration."""
    if roots.keys() != {1}:
        return False
    return any(_is_object(root, entry) for entry in roots[1])


def _is_object(root: Message, entry: Field) -> bool:
    if entry.wire != BYTES:
        return False
    saved = root.child(entry)
    wires = {part.number: part.wire for part in saved.fields()}
    return wires.get(4) == BYTES and wires.get(5) == BYTES and wires.keys() <= {1, 2, 3, 4, 5, 6}


def keras_metadata(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """The configuration of every object: JSON, which Keras makes the model from."""
    for entry in root.fields():
        if entry[:2] != (1, BYTES):
            continue
        saved = root.child(entry)
        path, config = "", None
        for part in saved.fields():
            if part[:2] == (3, BYTES):
                path = saved.text(part)
            elif part[:2] == (5, BYTES):
                config = part
        if config is not None and config.value:
            yield Nested(f"{path or 'object'} at byte {config.start}.json", config.start, config.value)


def is_fingerprint(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file is a FingerprintDef: five hashes, a version, a UUID."""
    wires = {1: VARINT, 2: VARINT, 3: VARINT, 4: VARINT, 5: VARINT, 6: BYTES, 7: BYTES}
    return {1, 2, 3}.issubset(roots) and all(
        len(entries) == 1 and entries[0].wire == wires.get(number) and entries[0].value <= 1 << 64
        for number, entries in roots.items()
    )


def nothing(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """There is nothing in it that anything is done by."""
    return iter(())
