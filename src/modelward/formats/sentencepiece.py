"""SentencePiece models: pieces with scores, and how to normalise text (sentencepiece_model.proto). Data."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.formats.facts import Malformed, Overflow
from modelward.formats.protobuf import BYTES, FIXED32, VARINT, Field, Message

_PIECES, _TRAINER, _NORMALIZER, _SELF_TEST, _DENORMALIZER = 1, 2, 3, 4, 5
_PIECE = {1: BYTES, 2: FIXED32, 3: VARINT}


def is_model(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file is pieces, each with a text and a score, and their settings, and nothing else."""
    if not {_PIECES}.issubset(roots) or not roots.keys() <= {1, 2, 3, 4, 5} or len(roots) < 2:
        return False
    return all(_is_piece(root, entry) for entry in roots[_PIECES][:20]) and not any(
        entry.wire != BYTES for entries in roots.values() for entry in entries
    )


def _is_piece(root: Message, entry: Field) -> bool:
    """A piece with a text; score and type may be left out where they are zero or normal."""
    if entry.wire != BYTES:
        return False
    parts = {part.number: part.wire for part in root.child(entry).fields()}
    return 1 in parts and all(_PIECE.get(number) == wire for number, wire in parts.items())


def facts(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What is wrong with a model. Raises InputError, LimitExceeded."""
    for entry in root.fields():
        if entry.number == _PIECES:
            if not _is_piece(root, entry):
                yield Malformed("SentencePiece", f"byte {entry.start} begins no piece", entry.start)
                return
        elif entry.number in (_NORMALIZER, _DENORMALIZER) and entry.wire == BYTES:
            yield from _normalizer(root.child(entry))


def _normalizer(normalizer: Message) -> Iterator[object]:
    """The compiled table of characters: the length of a trie, the trie, the replacements."""
    for entry in normalizer.fields():
        if entry[:2] == (2, BYTES) and entry.value >= 4:
            length = int.from_bytes(normalizer.source.read(entry.start, 4), "little")
            if length + 4 > entry.value:
                message = f"the table of characters says {length} bytes and has {entry.value - 4}"
                yield Overflow("SentencePiece", message, entry.start)
