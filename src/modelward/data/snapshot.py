"""Taking a snapshot: the rows of a dataset, by digest, read once (DESIGN section 4, Data).

The dataset is cut into pieces, workers digest them into lots, and the lots become the index, in the order of
the rows: so memory is bounded, and the index is the same whoever did the work.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from modelward.artifact.hashing import hash_file
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Progress, Silent
from modelward.data import engine as engines
from modelward.data import leaf_key, pieces, places
from modelward.data.arrow import pyarrow
from modelward.data.cells import ENCODING
from modelward.data.copied import Former, copy_lines
from modelward.data.engine import Engine
from modelward.data.index import Column, Facts, Index, Options, Shard, ShardFacts
from modelward.data.index_writer import FORMAT, Form, Hashed, IndexWriter
from modelward.data.lots import Lot, Work, digest_piece
from modelward.data.pieces import Piece
from modelward.data.readers.delimited import TYPES
from modelward.data.readers.layout import Part
from modelward.data.readers.streams import changed
from modelward.data.runs import Source, merge
from modelward.data.shape import Columns, Shape


def take(
    path: str | os.PathLike[str],
    dataset: str,
    options: Options | None = None,
    progress: Progress | None = None,
    *,
    engine: Engine | None = None,
    former: Index | None = None,
) -> Index:
    """Read every row of the dataset at `path` and digest it. `dataset` is the dataset's name.

    `path` is a file, a directory or an address (see `places`). What is parsed is what is hashed: a file that
    changes meanwhile is refused. `engine` does the work (default: see `engine.connect`). Shards that are
    byte for byte those of `former`, a snapshot with the same options, are not read as rows again.
    Raises InputError naming file and row, LimitExceeded, UsageError for options that fit no column.
    """
    pyarrow()
    options, progress = leaf_key.identified(options or Options()), progress or Silent()
    unknown = set(options.types.values()) - set(TYPES)
    if unknown:
        raise UsageError(f"unknown type {sorted(unknown)[0]!r}", help=f"use one of {', '.join(TYPES)}")
    found = places.find(path)
    with ExitStack() as stack:
        engine = engine or stack.enter_context(engines.connect(None, found.size))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modelward-")))
        token = secrets.token_bytes(16)
        (scratch / "token").write_bytes(token)
        work = Work(options, scratch, token)
        taking = _Taking(options, found, engine, work, Former.of(former, options))
        progress.start(found.size)
        try:
            taking.read(progress)
        finally:
            progress.done()
        subject = found.subject({part.path: part.digest for part in taking.parts})
        taking.check_options()
        return taking.index(dataset, subject)


@dataclass
class _Part:
    """A part that was read."""

    path: str
    digest: Digest
    columns: tuple[tuple[str, Shape], ...]
    lots: list[Lot]
    copied: Shard | None = None

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(lot.rows for lot in self.lots)


class _Taking:
    """The parts read so far, and the index that they become."""

    def __init__(
        self, options: Options, dataset: places.Dataset, engine: Engine, work: Work, former: Former | None
    ) -> None:
        self._options = options
        self._dataset = dataset
        self._engine = engine
        self._work = work
        self._former = former
        self._columns = Columns()
        self.parts: list[_Part] = []

    # --- reading ------------------------------------------------------------------------------------------

    def read(self, progress: Progress) -> None:
        """Digest all parts."""
        inline = isinstance(self._engine, engines.Inline)
        jobs = _Jobs(
            self._dataset, self._engine.workers, self._former, self._work, progress if inline else None
        )
        for result in self._engine.map(_do, jobs):
            reading = jobs.underway[0]
            reading.results.append(result)
            if not inline or reading.copied is not None:
                progress.advance(reading.part.size // reading.wanted)
            if len(reading.results) == reading.wanted:
                self._add(jobs.underway.popleft())

    def _add(self, reading: _Reading) -> None:
        name = reading.part.name
        if reading.copied is not None:
            digest: Digest | None = reading.copied.digest
            lots = [lot for lot in reading.results if isinstance(lot, Lot)]
        else:
            digest, lots = self._whole_of(reading)
        columns = Columns()
        try:
            for lot in lots:
                for column, shape in lot.columns:
                    columns.add(column, shape, name)
                    self._columns.add(column, shape, name)
        except InputError:
            # Two pieces or parts disagree: read again in one piece, the error has the row.
            self._read_again(reading.part)
            raise
        if digest is None:
            raise InputError("the part has no digest", where=name)
        self.parts.append(_Part(name, digest, tuple(columns.items()), lots, reading.copied))

    def _whole_of(self, reading: _Reading) -> tuple[Digest | None, list[Lot]]:
        """The digest and the lots of a part that was read."""
        if not reading.hashed:
            (lot,) = reading.results
            return lot.digest, [lot]
        (digest, blocks), *lots = reading.results
        if any(isinstance(lot, InputError) for lot in lots):
            for lot in lots:
                if isinstance(lot, Lot):
                    lot.discard()
            lot = self._read_again(reading.part)
            return lot.digest, [lot]
        if not all(pieces.agree(lot.seen, blocks) for lot in lots):
            raise changed(reading.part.name)
        return digest, lots

    def _read_again(self, part: Part) -> Lot:
        """Read a part in one piece, in agreement with the parts before it."""
        piece = Piece(self._dataset.alone(part), part, part.size)
        function = partial(digest_piece, work=self._work, known=deepcopy(self._columns))
        (lot,) = self._engine.map(function, [piece])
        if isinstance(lot, InputError):
            raise lot
        return lot

    def check_options(self) -> None:
        """Raise UsageError for an option that names no column."""
        known = {name for name, _ in self._columns.items()}
        labels = (name for _, name in self._options.labels())
        for name in (*self._options.types, *labels, *self._options.keyed):
            if name not in known:
                raise UsageError(
                    f"the dataset has no column {name!r}",
                    help=f"its columns are {', '.join(sorted(known)[:20])}",
                )
        if self._options.types and not any(part.delimited for part in self._dataset.parts):
            raise UsageError("types are named for CSV only; JSONL and Parquet have their own")

    # --- the index ----------------------------------------------------------------------------------------

    def index(self, dataset: str, subject: Digest) -> Index:
        """The index of all parts."""
        names = [name for name, _ in self._columns.items()]
        labels = [label for label, _ in self._options.labels()]
        form = Form(names, labels, [part.rows for part in self.parts])
        with IndexWriter(form) as writer:
            hashed = writer.write(self._lines(), merge(self._runs()), self._engine)
            for part, root in zip(self.parts, hashed.shards, strict=True):
                if part.copied is not None and part.copied.root != root:
                    raise InputError(
                        f"the former index's lines of {part.path!r} are damaged",
                        help="take a snapshot without it",
                    )
            facts = self._facts(dataset, subject, hashed)
            table = writer.finish(facts, hashed.trees)
        return Index(
            dataset=dataset,
            name=self._dataset.name,
            subject=subject,
            columns=tuple(Column(name, kind) for name, kind in facts.columns),
            shards=tuple(
                Shard(part.path, part.digest, part.rows, root)
                for part, root in zip(self.parts, hashed.shards, strict=True)
            ),
            rows_root=hashed.rows_root,
            set_root=hashed.set_root,
            distinct=hashed.distinct,
            unread_files=self._dataset.unread,
            options=self._options,
            trees=hashed.trees,
            table=table,
            data=self._dataset.path,
        )

    def _lines(self) -> Iterator[Any]:
        for part in self.parts:
            for lot in part.lots:
                yield from lot.batches()

    def _runs(self) -> list[Source]:
        sources, first = [], 0
        for part in self.parts:
            for lot in part.lots:
                sources.append(lot.source(first))
                first += lot.rows
        return sources

    def _facts(self, dataset: str, subject: Digest, hashed: Hashed) -> Facts:
        shapes: dict[str, int] = {}  # canonical JSON of a shard's columns -> number
        plain: list[list[Any]] = []
        numbers = []
        for part in self.parts:
            columns = [shape.plain(name) for name, shape in part.columns]
            key = json.dumps(columns)
            if key not in shapes:
                shapes[key] = len(plain)
                plain.append(columns)
            numbers.append(shapes[key])
        return Facts(
            format=FORMAT,
            encoding=ENCODING,
            dataset=dataset,
            name=self._dataset.name,
            subject=str(subject),
            columns=[(name, shape.text()) for name, shape in self._columns.items()],
            shards=[
                ShardFacts(part.path, str(part.digest), part.rows, str(root), number)
                for part, root, number in zip(self.parts, hashed.shards, numbers, strict=True)
            ],
            shapes=plain,
            rows_root=str(hashed.rows_root),
            set_root=str(hashed.set_root),
            distinct=hashed.distinct,
            unread_files=self._dataset.unread,
            types=dict(self._options.types),
            contributor=self._options.contributor,
            source=self._options.source,
            time=self._options.time,
            label=self._options.label,
            keyed=self._options.keyed,
            key_id=self._options.key_id,
        )


# --- what the workers are asked for -----------------------------------------------------------------------


@dataclass
class _Reading:
    """A part that is being read: the results wanted, and those there. If `hashed`, the first is the hash."""

    part: Part
    wanted: int
    hashed: bool = False
    copied: Shard | None = None
    results: list[Any] = field(default_factory=list)


class _Jobs:
    """The jobs of all parts, in order; `underway` are the parts whose jobs were given out."""

    def __init__(
        self,
        dataset: places.Dataset,
        workers: int,
        former: Former | None,
        work: Work,
        progress: Progress | None,
    ) -> None:
        self._dataset = dataset
        self._workers = workers
        self._former = former
        self._digest = (
            partial(digest_piece, work=work, progress=progress)
            if progress
            else partial(digest_piece, work=work)
        )
        self._copy = partial(copy_lines, work=work)
        self.underway: deque[_Reading] = deque()

    def __iter__(self) -> Iterator[tuple[Callable[[Any], Any], Any]]:
        for part in self._dataset.parts:
            if (shard := self._unchanged(part)) is not None and self._former is not None:
                lines = list(self._former.lines(part.name)) or [self._former.nothing(part.name)]
                self.underway.append(_Reading(part, len(lines), copied=shard))
                yield from ((self._copy, each) for each in lines)
                continue
            cut = pieces.cut(self._dataset, part, self._workers)
            file = cut[0].file
            self.underway.append(_Reading(part, len(cut) + (file is not None), hashed=file is not None))
            if file is not None:
                yield pieces.hash_blocks, cut[0]
            yield from ((self._digest, piece) for piece in cut)

    def _unchanged(self, part: Part) -> Shard | None:
        """The shard of the former index that this part still is."""
        if self._former is None or not self._former.knows(part.name):
            return None
        digest, file = self._dataset.known(part), self._dataset.path_of(part)
        if digest is None and file is not None:
            digest = hash_file(file)
        return self._former.shard(part.name, digest) if digest is not None else None


def _do(job: tuple[Callable[[Any], Any], Any]) -> Any:
    function, argument = job
    return function(argument)
