"""What a worker makes of a piece of a dataset: a *lot*, the lines that its rows have in the index."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.core.progress import Progress
from modelward.data.arrow import ArrowColumns, bitmap_of, of_texts, pyarrow
from modelward.data.cells import DIGEST_BYTES, Value
from modelward.data.digesting import Cells, cell_digests, row_digests
from modelward.data.index_table import CELL
from modelward.data.options import Options
from modelward.data.pieces import Piece, open_piece
from modelward.data.readers.shard import Batch, OpenShard
from modelward.data.runs import RECORD, Sorter, Source
from modelward.data.shape import Columns, MixedKinds, Shape, shape_of_all
from modelward.data.shown import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

#: What a worker keeps in memory, and sends back, rather than write to a file.
SMALL_BYTES = 4 << 20
#: Cells that are digested at once.
MAX_CELLS = 1 << 20

T = TypeVar("T")

#: Bytes, or the file that holds them.
Spilled = bytes | Path


@dataclass(frozen=True)
class Work:
    """What is asked of the workers, the same for all pieces.

    `scratch` is a directory for what is not small, if the worker sees the one that has `token` in it.
    """

    options: Options = field(default_factory=Options)
    scratch: Path | None = None
    token: bytes = b""


class Lot(NamedTuple):
    """The rows of a piece, in order, and as a sorted run.

    `columns` are those met, with their shapes; `digest` that of the part where the piece is all of it; `seen`
    the digests of the blocks that a piece saw of its file.
    """

    rows: int
    columns: list[tuple[str, Shape]]
    digest: Digest | None
    seen: dict[int, bytes]
    lines: Spilled
    run: Spilled

    def batches(self) -> Iterator[Any]:
        """Its lines as Arrow record batches; the columns differ where rows lack some."""
        arrow = pyarrow()
        with _reading(self.lines) as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
            while stream.tell() < size:
                with arrow.ipc.open_stream(arrow.PythonFile(stream, mode="r")) as reader:
                    yield from reader

    def source(self, first: int) -> Source:
        """Its run, for rows that are numbered from `first`."""

        def blocks(size: int) -> Iterator[NDArray[Any]]:
            with _reading(self.run) as stream:
                while data := stream.read(size * RECORD.itemsize):
                    records = np.frombuffer(data, RECORD).copy()
                    records["first"] += first
                    yield records

        return blocks

    def discard(self) -> None:
        """Remove its files."""
        for place in (self.lines, self.run):
            if isinstance(place, Path):
                place.unlink(missing_ok=True)


class Spill:
    """A file that is kept in memory while it is small."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._stream: IO[bytes] = io.BytesIO()
        self._path: Path | None = None
        self._size = 0

    def write(self, data: Any) -> int:
        """Add bytes."""
        size = memoryview(data).nbytes
        self._size += size
        if self._path is None and self._size > SMALL_BYTES and _visible(self._work):
            descriptor, name = tempfile.mkstemp(dir=self._work.scratch)
            before, self._path, self._stream = self._stream, Path(name), os.fdopen(descriptor, "wb")
            before.seek(0)
            self._stream.write(before.read())
        self._stream.write(data)
        return size

    def finish(self) -> Spilled:
        """What was written."""
        if self._path is None and isinstance(self._stream, io.BytesIO):
            return self._stream.getvalue()
        self._stream.close()
        return self._path or b""


def _visible(work: Work) -> bool:
    """Whether this machine sees the scratch directory of the one that asks."""
    try:
        return work.scratch is not None and (work.scratch / "token").read_bytes() == work.token
    except OSError:
        return False


def _reading(place: Spilled) -> IO[bytes]:
    return place.open("rb") if isinstance(place, Path) else io.BytesIO(place)


def digest_piece(
    piece: Piece, work: Work, progress: Progress | None = None, known: Columns | None = None
) -> Lot | InputError:
    """Read and digest a piece. `known` are columns that it must agree with.

    Raises InputError naming file and row. If the piece is not the whole part the error is given back: the
    part is to be read in one piece, and then the error has the right place, or there is none.
    """
    try:
        return _Digesting(piece, work, known or Columns()).lot(progress)
    except InputError as error:
        if piece.whole:
            raise
        return error


def _parts(batch: Batch) -> Iterator[Batch]:
    """A batch by parts of at most MAX_CELLS: cells that are null took no room until now."""
    step = max(1, MAX_CELLS // max(len(batch.columns), 1))
    if batch.rows <= step:
        yield batch
        return
    for start in range(0, batch.rows, step):
        count = min(step, batch.rows - start)
        if isinstance(batch.columns, ArrowColumns):
            columns: Mapping[str, list[Value]] = batch.columns.slice(start, count)
        else:
            columns = {name: values[start : start + count] for name, values in batch.columns.items()}
        yield Batch(columns, count, batch.shapes)


class _Digesting:
    """The lot of one piece, as it grows."""

    def __init__(self, piece: Piece, work: Work, known: Columns) -> None:
        self._piece = piece
        self._work = work
        self._columns = known
        self._sorter = Sorter()
        self._lines = Spill(work)
        self._rows = 0

    def lot(self, progress: Progress | None) -> Lot:
        piece = self._piece
        with (
            open_piece(piece, progress) as (shard, witness),
            closing(piece.part.read(shard, self._work.options.types)) as batches,
        ):
            for batch in batches:
                for part in _parts(batch):
                    self._add(shard, part)
            if shard.span and self._rows != piece.stop - piece.start:
                raise InputError("the file has not the rows that it says", where=shard.name)
            digest = shard.digest() if witness is None else None
        run = Spill(self._work)
        for records in self._sorter.merged():
            run.write(records.tobytes())
        return Lot(
            self._rows,
            self._columns.items(),
            digest,
            witness.seen if witness else {},
            self._lines.finish(),
            run.finish(),
        )

    def _add(self, shard: OpenShard, batch: Batch) -> None:
        columns = {}
        for name in batch.columns:
            shape = batch.shapes.get(name)
            if shape is None:
                gather = partial(shape_of_all, known=self._columns.shape(name))
                shape = _located(shard, name, batch.columns[name], self._rows, gather)
            self._columns.add(name, shape, shard.name)
            columns[name] = self._cells(shard, batch, name)
        rows = row_digests(columns, batch.rows)
        if batch.rows:
            self._sorter.add(rows, self._rows)
            self._write(batch, rows, columns)
        self._rows += batch.rows

    def _cells(self, shard: OpenShard, batch: Batch, name: str) -> Cells:
        work = partial(cell_digests, hash_of=self._work.options.hash_of(name))
        if isinstance(batch.columns, ArrowColumns):
            try:
                return work(batch.columns.array(name))
            except InputError:
                pass  # value by value, to name the row
        try:
            values = batch.columns[name]
        except ModelwardError as error:
            raise shard.located(error, f"from row {self._rows + 1}") from None
        return _located(shard, name, values, self._rows, work)

    def _write(self, batch: Batch, rows: Matrix, columns: dict[str, Cells]) -> None:
        arrow = pyarrow()
        arrays = {"row": digest_array(rows)}
        for label, name in self._work.options.labels():
            if name in batch.columns:
                texts = [None if value is None else shown(value) for value in batch.columns[name]]
                arrays[label] = of_texts(texts)
        arrays |= {CELL + name: digest_array(cells.digests, cells.valid) for name, cells in columns.items()}
        write_lines(self._lines, arrow.record_batch(arrays))


def write_lines(spill: Spill, lines: Any) -> None:
    """Add lines (a record batch) to what `Lot.batches` reads."""
    arrow = pyarrow()
    with arrow.ipc.new_stream(arrow.PythonFile(_Sink(spill), mode="w"), lines.schema) as stream:
        stream.write_batch(lines)


class _Sink(io.RawIOBase):
    """Where Arrow writes to."""

    def __init__(self, spill: Spill) -> None:
        self._spill = spill

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._spill.write(data)


def digest_array(lines: Matrix, valid: NDArray[np.bool_] | None = None) -> Any:
    """Digests as an Arrow array; null where not `valid`."""
    arrow = pyarrow()
    data = arrow.py_buffer(np.ascontiguousarray(lines))
    return arrow.FixedSizeBinaryArray.from_buffers(
        arrow.binary(DIGEST_BYTES), len(lines), [bitmap_of(valid), data]
    )


# --- the place of a bad value -----------------------------------------------------------------------------


def _located(
    shard: OpenShard, name: str, values: list[Value], done: int, work: Callable[[list[Value]], T]
) -> T:
    """`work(values)`; if a value is bad, an error that names its row."""
    try:
        return work(values)
    except (InputError, MixedKinds):
        count, error = _shortest_bad(values, work)
    place = f"{shard.name}: row {done + count}"
    if isinstance(error, MixedKinds):
        raise InputError(
            f"column {name!r} mixes kinds: {error}", where=place, help="give the column one type throughout"
        )
    kind = LimitExceeded if isinstance(error, LimitExceeded) else InputError
    raise kind(f"column {name!r}: {error.message}", where=place, help=error.help)


def _shortest_bad(
    values: list[Value], work: Callable[[list[Value]], T]
) -> tuple[int, InputError | MixedKinds]:
    """How many of the first values it takes for `work` to fail, and how it fails."""
    good, bad = 0, len(values)
    error: InputError | MixedKinds = InputError("the values are bad")
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            work(values[:middle])
            good = middle
        except (InputError, MixedKinds):
            bad = middle
    try:
        work(values[:bad])
    except (InputError, MixedKinds) as problem:
        error = problem
    return bad, error
