"""The rows of a dataset's parts as views, and the names of their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.progress import Progress
from modelward.data.places import Dataset
from modelward.data.profile.view import Plan, View

#: A place is the number of the part, and in these lower bits the number of the row in it.
_ROW_BITS = 40


class Rows:
    """The rows of one part, batch by batch; `digest` is there after the last. Raises InputError."""

    def __init__(self, dataset: Dataset, number: int, types: dict[str, str], progress: Progress) -> None:
        self._dataset = dataset
        self._number = number
        self._types = types
        self._progress = progress
        self.digest: Digest | None = None

    def views(self, plan: Plan) -> Iterator[View]:
        """Each batch that has rows."""
        part = self._dataset.parts[self._number]
        types = self._types if part.delimited else {}
        done = 0
        with self._dataset.open(part, self._progress) as shard, closing(part.read(shard, types)) as batches:
            for batch in batches:
                if batch.rows:
                    view = View(batch.columns, batch.rows, (self._number << _ROW_BITS) + done, plan)
                    self._check(view, f"{part.name}: from row {done + 1}")
                    yield view
                done += batch.rows
            self.digest = shard.digest()

    @staticmethod
    def _check(view: View, where: str) -> None:
        """Make the digests now: they fail on what no dataset may hold."""
        try:
            _ = view.cells
        except InputError as error:
            raise type(error)(error.message, where=error.where or where, help=error.help) from None


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
