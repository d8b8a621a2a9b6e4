"""A batch of rows as the statistics see it: what several of them need is made once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from modelward.data.cells import Pairs, Temporal, Value, digests
from modelward.data.profile.words import MAX_TEXT, Words, words
from modelward.data.rows import row_digests
from modelward.data.shown import shown

#: A column of text holds sentences if its cells have this many words on average.
SENTENCE_WORDS = 3
#: Of a value used as a label, a group or a category, so many characters are kept.
CATEGORY_LENGTH = 120

_LICENCE = re.compile(r"licen[cs]es?(_name|_id|_spdx)?\Z", re.IGNORECASE)
_LABELS = ("label", "labels")
#: Fields of a message (chat, preferences) that are no words of anybody.
_ASIDE = frozenset({"role", "from", "id", "name", "type", "tool_call_id"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Which column is what. Decided once for a dataset, before its rows are read."""

    text: tuple[str, ...] = ()
    label: str | None = None
    attributes: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    #: Countries whose national telephone numbers are looked for, as ISO 3166 codes.
    regions: tuple[str, ...] = ()
    near: bool = True

    @classmethod
    def of(cls, columns: Mapping[str, Sequence[Value]], wanted: Plan) -> Plan:
        """`wanted`, where it names nothing completed from the first rows."""
        label = wanted.label or next((name for name in _LABELS if name in columns), None)
        named = {label, *wanted.attributes}
        licences = tuple(name for name in columns if _LICENCE.match(name))
        text = wanted.text or tuple(
            name for name, cells in columns.items() if name not in named and _holds_text(cells)
        )
        return cls(text, label, wanted.attributes, wanted.licences or licences, wanted.regions, wanted.near)


def _holds_text(cells: Sequence[Value]) -> bool:
    texts = [text_of(cell) for cell in cells[:1000] if isinstance(cell, str | list | dict)]
    count = sum(len(text.split()) if text.isascii() else int(words([text]).counts[0]) for text in texts)
    return bool(texts) and count >= SENTENCE_WORDS * len(texts)


def text_of(value: Value) -> str:
    """The words in a cell: of a conversation what is said, without who says it. Numbers have none."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(text for item in value if (text := text_of(item)))
    if isinstance(value, dict):
        said = (text_of(item) for name, item in value.items() if name not in _ASIDE)
        return "\n".join(text for text in said if text)
    return ""


def category(value: Value) -> str | None:
    """A cell as a label, group or category; None for null or empty."""
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else shown(value)
    return text if len(text) <= CATEGORY_LENGTH else text[: CATEGORY_LENGTH - 1] + "…"


class View:
    """Some rows. `first` is the place of the first; the others follow."""

    def __init__(self, columns: Mapping[str, Sequence[Value]], rows: int, first: int, plan: Plan) -> None:
        self.columns: dict[str, Sequence[Value]] = {name: columns[name] for name in columns}
        self.rows = rows
        self.plan = plan
        self.places = np.arange(first, first + rows, dtype=np.int64)

    @cached_property
    def cells(self) -> dict[str, list[bytes | None]]:
        """The digest of each cell, by column. Raises InputError."""
        return {name: digests(values) for name, values in self.columns.items()}

    @cached_property
    def row_hashes(self) -> Any:
        """The first 64 bits of each row digest."""
        cells = self.cells
        return leading_bits(row_digests(list(cells), list(cells.values()), self.rows))

    @cached_property
    def texts(self) -> Sequence[str]:
        """The text of each row: that of its text columns, a line each."""
        cells = [self.columns[name] for name in self.plan.text if name in self.columns]
        if not cells:
            return [""] * self.rows
        if len(cells) == 1 and all(type(value) is str for value in cells[0]):
            if max(map(len, cells[0]), default=0) <= MAX_TEXT:
                return cells[0]
            return [value[:MAX_TEXT] for value in cells[0]]
        joined = ("\n".join(filter(None, map(text_of, row))) for row in zip(*cells, strict=True))
        return [text[:MAX_TEXT] for text in joined]

    @cached_property
    def words(self) -> Words:
        """The words of `texts`."""
        return words(self.texts)

    @cached_property
    def text_hashes(self) -> Any:
        """The same for two rows whose text has the same words; 0 for none."""
        return self.words.whole()

    def categories(self, name: str) -> list[str | None]:
        """The cells of a column as categories."""
        cells = self.columns.get(name)
        return [None] * self.rows if cells is None else [category(value) for value in cells]


def leading_bits(found: Sequence[bytes]) -> Any:
    """The first 8 bytes of each digest, as a number."""
    whole = np.frombuffer(b"".join(found), ">u8").astype(np.uint64)
    return whole[::4]


def kind_of(kind: type) -> str:
    """What cells of a Python type hold, in a word."""
    return _KINDS.get(kind, "number")


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "bool",
    str: "text",
    bytes: "bytes",
    list: "list",
    dict: "object",
    Pairs: "object",
    Temporal: "time",
}
