"""The rows of a dataset's parts as views, and the names of their places."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent
from modelward.data.pieces import Piece, cut, open_piece
from modelward.data.places import Dataset
from modelward.data.profile.view import Plan, View
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import OpenShard
from modelward.data.readers.streams import changed

#: A place is the number of the part, and in these lower bits the number of the row in it.
_ROW_BITS = 40


@dataclass(frozen=True)
class Share:
    """What one worker reads: part `number` of a dataset, all of it or one piece of its rows."""

    number: int
    piece: Piece | None = None


def shares(dataset: Dataset, workers: int) -> list[Share]:
    """The shares of so many workers, in order. Only what is cut between rows of known number is cut."""
    found: list[Share] = []
    for number, part in enumerate(dataset.parts):
        pieces = cut(dataset, part, workers) if part.cut == "rows" else []
        found += [Share(number, piece) for piece in pieces] if len(pieces) > 1 else [Share(number)]
    return found


class Rows:
    """The rows of a share, batch by batch; the `digest` of a whole part is there after the last.

    Raises InputError naming file and row.
    """

    def __init__(self, dataset: Dataset, share: Share, types: dict[str, str], progress: Progress) -> None:
        self._dataset = dataset
        self._share = share
        self._types = types
        self._progress = progress
        self.digest: Digest | None = None

    def views(self, plan: Plan) -> Iterator[View]:
        """Each batch that has rows."""
        piece = self._share.piece
        part = self._dataset.parts[self._share.number]
        types = self._types if part.delimited else {}
        done = piece.start if piece else 0
        with self._opened(part) as shard, closing(part.read(shard, types)) as batches:
            for batch in batches:
                if batch.rows:
                    view = View(batch.columns, batch.rows, (self._share.number << _ROW_BITS) + done, plan)
                    self._check(view, f"{part.name}: from row {done + 1}")
                    yield view
                done += batch.rows
            if piece is None:
                self.digest = shard.digest()

    @contextmanager
    def _opened(self, part: Part) -> Iterator[OpenShard]:
        if self._share.piece is None:
            with self._dataset.open(part, self._progress) as shard:
                yield shard
        else:
            with open_piece(self._share.piece, self._progress) as (shard, _):
                yield shard

    @staticmethod
    def _check(view: View, where: str) -> None:
        """Make the digests now: they fail on what no dataset may hold."""
        try:
            _ = view.cells
        except InputError as error:
            raise type(error)(error.message, where=error.where or where, help=error.help) from None


class Unchanged:
    """That nobody wrote to the files that are read in pieces, from before the first until they are hashed."""

    def __init__(self, dataset: Dataset, read: Iterable[Share]) -> None:
        self._dataset = dataset
        self._numbers = sorted({share.number for share in read if share.piece is not None})
        self._before = [self._state(number) for number in self._numbers]

    def digests(self) -> dict[str, Digest]:
        """The digest of each of these files, by name. Raises InputError if one was changed."""
        found = {}
        for number, before in zip(self._numbers, self._before, strict=True):
            part = self._dataset.parts[number]
            with self._dataset.open(part, Silent()) as shard:
                found[part.name] = shard.digest()
            if self._state(number) != before:
                raise changed(part.name)
        return found

    def _state(self, number: int) -> tuple[int, int, int]:
        part = self._dataset.parts[number]
        path = self._dataset.path_of(part)
        try:
            status = os.stat(path) if path is not None else None
        except OSError:
            status = None
        if status is None:
            raise changed(part.name)
        return status.st_size, status.st_mtime_ns, status.st_ctime_ns


class Names:
    """Names of places: `FILE row NUMBER`."""

    def __init__(self, dataset: Dataset) -> None:
        self._parts = [part.name for part in dataset.parts]

    def __getitem__(self, place: int) -> str:
        number, row = place >> _ROW_BITS, place & ((1 << _ROW_BITS) - 1)
        return f"{self._parts[number]} row {row + 1}"

    def all(self, places: Iterable[int]) -> tuple[str, ...]:
        """The names of places."""
        return tuple(self[place] for place in places)
