"""The examples of a dataset as the checks see them: columns of texts and codes, a million rows in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Progress
from modelward.data import places
from modelward.data.arrow import pyarrow
from modelward.data.cells import Temporal, Value
from modelward.data.readers import conversation, rows
from modelward.data.readers.shard import Batch
from modelward.data.shown import shown

#: Of a longer text the beginning and the end are looked at, in characters.
HEAD, TAIL = 6144, 2048

#: Names of columns, in lower case, that hold what they say; the first that is there is taken.
LABELS = ("label", "labels", "category", "class", "intent", "sentiment", "target", "y", "is_spam", "spam")
CONTRIBUTORS = ("contributor", "contributor_id", "user_id", "author", "annotator", "worker_id", "user")
TIMES = ("time", "timestamp", "created_at", "date", "created")
SOURCES = ("source", "channel", "origin")


class Texts(Sequence[str]):
    """Many texts, as Arrow holds them. `None` is an empty text."""

    def __init__(self, chunks: Any) -> None:
        self._chunks = chunks

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """These texts."""
        return cls(pyarrow().chunked_array([_arrow(texts)]))

    def __len__(self) -> int:
        return len(self._chunks)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            start, stop, _ = at.indices(len(self))
            return self.part(start, stop)
        return self._chunks[int(at)].as_py()

    def part(self, start: int, stop: int) -> list[str]:
        """The texts from `start` to before `stop`."""
        texts: list[str] = self._chunks.slice(start, max(0, stop - start)).to_pylist()
        return texts


@dataclass(frozen=True)
class Codes:
    """A column of few values: of row `i`, `names[codes[i]]`; -1 is null."""

    codes: Any
    names: list[str]

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Codes:
        """These values, numbered in the order of their first row."""
        numbered: dict[str, int] = {}
        codes = [-1 if value is None else numbered.setdefault(value, len(numbered)) for value in values]
        return cls(np.array(codes, np.int32), list(numbered))

    def name(self, row: int) -> str | None:
        """The value of a row."""
        code = int(self.codes[row])
        return None if code < 0 else self.names[code]


@dataclass(frozen=True)
class Columns:
    """Which columns hold what, where the names do not say it. `types` are those of CSV columns."""

    input: tuple[str, ...] = ()
    output: str | None = None
    label: str | None = None
    rejected: str | None = None
    system: str | None = None
    contributor: str | None = None
    source: str | None = None
    time: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Corpus:
    """Examples, a row each: what went in, what came out, whose it is.

    `numbers` are the rows' numbers in the dataset; `rejected` the losing answers of preferences; `root` the
    set root of the snapshot, if it is known. What the data does not have is None.
    """

    inputs: Texts
    outputs: Texts | None = None
    labels: Codes | None = None
    rejected: Texts | None = None
    system: Texts | None = None
    contributors: Codes | None = None
    sources: Codes | None = None
    times: Codes | None = None
    numbers: Any = None
    digests: Any = None
    root: str = ""

    def __post_init__(self) -> None:
        if self.numbers is None:
            object.__setattr__(self, "numbers", np.arange(len(self.inputs)))

    @property
    def rows(self) -> int:
        """How many examples there are."""
        return len(self.inputs)


def of_lists(
    inputs: Sequence[str],
    outputs: Sequence[str] | None = None,
    labels: Sequence[str | None] | None = None,
    **more: Sequence[str | None],
) -> Corpus:
    """A corpus of what is at hand. `more` are rejected, system, contributors, sources, times."""
    columns: dict[str, Any] = {
        name: Texts.of([text or "" for text in values]) if name in _TEXTS else Codes.of(values)
        for name, values in more.items()
    }
    return Corpus(
        Texts.of(inputs),
        None if outputs is None else Texts.of(outputs),
        None if labels is None else Codes.of(labels),
        **columns,
    )


_TEXTS = ("rejected", "system")


def read(
    place: str | os.PathLike[str] | places.Dataset,
    columns: Columns | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """The examples of a dataset. Raises InputError, LimitExceeded; UsageError if a column is missing."""
    wanted = columns or Columns()
    dataset = place if isinstance(place, places.Dataset) else places.find(place)
    building: _Building | None = None
    for _, batch in rows.batches(dataset, wanted.types, None, progress):
        if building is None:
            building = _Building(_plan(batch, wanted, dataset.name))
        building.add(batch)
    if building is None:
        raise InputError("there are no rows", where=dataset.name)
    return building.corpus()


@dataclass(frozen=True)
class _Plan:
    """Where each thing is read from."""

    texts: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, str]
    layout: conversation.Layout | None = None


def _plan(batch: Batch, wanted: Columns, where: str) -> _Plan:
    names = {name.strip().lower(): name for name in batch.columns}

    def first(named: str | None, known: Sequence[str]) -> str | None:
        if named is not None:
            if named not in batch.columns:
                raise UsageError(f"the dataset has no column {named!r}", where=where)
            return named
        return next((names[name] for name in known if name in names), None)

    label = first(wanted.label, LABELS)
    codes = {
        "labels": label,
        "contributors": first(wanted.contributor, CONTRIBUTORS),
        "sources": first(wanted.source, SOURCES),
        "times": first(wanted.time, TIMES),
    }
    layout = None
    if not wanted.input:
        layout = conversation.layout_of(list(batch.columns))
    texts: dict[str, tuple[str, ...]] = {}
    if layout is None:
        others = [name for name in batch.columns if name not in codes.values() and name != wanted.output]
        texts["inputs"] = wanted.input or _longest(batch, others, where)
        for kind, named in (
            ("outputs", wanted.output),
            ("rejected", wanted.rejected),
            ("system", wanted.system),
        ):
            if (column := first(named, ())) is not None:
                texts[kind] = (column,)
    found = {kind: name for kind, name in codes.items() if name is not None}
    if layout is not None and wanted.label is None and found.get("labels") in layout.columns:
        del found["labels"]
    for column in (name for part in texts.values() for name in part):
        first(column, ())
    return _Plan(texts, found, layout)


def _longest(batch: Batch, names: Sequence[str], where: str) -> tuple[str, ...]:
    """The column with the most text. Raises InputError if none has text."""
    sizes = {
        name: sum(len(cell) for cell in batch.columns[name][:1000] if isinstance(cell, str)) for name in names
    }
    best = max(sizes, key=lambda name: sizes[name], default=None)
    if best is None or not sizes[best]:
        raise InputError("no column holds text", where=where, help="name it with --input-column")
    return (best,)


class _Building:
    """A corpus while its rows are read."""

    def __init__(self, plan: _Plan) -> None:
        self.plan = plan
        self.texts: dict[str, list[Any]] = {}
        self.codes: dict[str, list[Any]] = {kind: [] for kind in plan.codes}
        self.numbered: dict[str, dict[str, int]] = {kind: {} for kind in plan.codes}

    def add(self, batch: Batch) -> None:
        layout = self.plan.layout
        parts = self._said(batch, layout) if layout else self._cells(batch)
        for kind, texts in parts:
            self.texts.setdefault(kind, []).append(_arrow([_cut(text) for text in texts]))
        for kind, name in self.plan.codes.items():
            numbered = self.numbered[kind]
            cells = batch.columns.get(name) or [None] * batch.rows
            codes = [
                -1 if value is None else numbered.setdefault(_named(value), len(numbered)) for value in cells
            ]
            self.codes[kind].append(np.array(codes, np.int32))

    def _cells(self, batch: Batch) -> Iterator[tuple[str, list[str]]]:
        for kind, names in self.plan.texts.items():
            cells = [batch.columns.get(name) or [None] * batch.rows for name in names]
            rows_of = zip(*cells, strict=True)
            yield kind, ["\n\n".join(_text(cell) for cell in row if cell is not None) for row in rows_of]

    def _said(self, batch: Batch, layout: conversation.Layout) -> Iterator[tuple[str, list[str]]]:
        columns = {name: batch.columns.get(name) or [None] * batch.rows for name in layout.columns}
        said = [
            layout.conversation(dict(zip(columns, cells, strict=True)))
            for cells in zip(*columns.values(), strict=True)
        ]
        yield "inputs", ["\n".join(_by(each.turns, conversation.USER)) for each in said]
        yield "system", ["\n".join(_by(each.turns, conversation.SYSTEM)) for each in said]
        if layout.kind == "preference":
            yield "outputs", ["\n".join(turn.text for turn in each.chosen) for each in said]
            yield "rejected", ["\n".join(turn.text for turn in each.rejected) for each in said]
        else:
            yield "outputs", ["\n".join(_by(each.turns, conversation.ASSISTANT)) for each in said]

    def corpus(self) -> Corpus:
        arrow = pyarrow()
        texts = {kind: Texts(arrow.chunked_array(chunks)) for kind, chunks in self.texts.items()}
        if "system" in texts and not any(
            arrow.compute.any(arrow.compute.not_equal(chunk, "")).as_py() for chunk in self.texts["system"]
        ):
            del texts["system"]
        codes = {
            kind: Codes(np.concatenate(parts), list(self.numbered[kind]))
            for kind, parts in self.codes.items()
        }
        return Corpus(**texts, **codes)  # type: ignore[arg-type]


def _by(turns: Sequence[conversation.Turn], role: str) -> list[str]:
    return [turn.text for turn in turns if turn.role == role]


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "\n".join(turn.text for turn in conversation.turns(value)) or shown(value)


def _named(value: Value) -> str:
    if isinstance(value, Temporal):
        return str(value.number).zfill(20)
    return value.strip() if isinstance(value, str) else shown(value)


def _cut(text: str) -> str:
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def _arrow(texts: Sequence[str]) -> Any:
    arrow = pyarrow()
    try:
        return arrow.array(texts, arrow.large_string())
    except UnicodeEncodeError:  # lone surrogates, which JSON may write
        return arrow.array([text.encode("utf-8", "replace").decode() for text in texts], arrow.large_string())
