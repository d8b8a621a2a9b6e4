"""Which rows of two datasets with the same rows are in another order, read side by side."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from modelward.core.errors import InputError
from modelward.data.index import Index
from modelward.data.index_table import ROW, matrix_of
from modelward.data.runs import order_of, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]

#: If between the first and the last row that is not where it was lie more rows, the moved are not named.
MAX_WINDOW = 4_000_000


def rows_of(index: Index) -> Iterator[tuple[int, Matrix]]:
    """The row digests, a row group at a time, each with the number of its first row."""
    start = 0
    for batch in index.batches([ROW]):
        lines, _ = matrix_of(batch.column(0))
        yield start, lines
        start += len(lines)


@dataclass
class Order:
    """Rows that both have, in another order: (number before, number after); or how many lie between them."""

    moved: list[tuple[int, int]] = field(default_factory=list)
    unnamed: int = 0


def reordered(
    expected: Index, found: Index, gone: NDArray[np.int64], fresh: NDArray[np.int64], most: int
) -> Order:
    """Which of the rows that both have are not where they were among the others; `most` of them by number.

    `gone` and `fresh` are the numbers of the rows that one of the two alone has. Raises InputError.
    """
    first = last = -1
    at = 0
    for mine, theirs in _side_by_side(_kept(expected, gone), _kept(found, fresh)):
        differ = np.flatnonzero((mine != theirs).any(axis=1))
        if len(differ):
            first = at + int(differ[0]) if first < 0 else first
            last = at + int(differ[-1])
        at += len(mine)
    if first < 0:
        return Order()
    if last - first >= MAX_WINDOW:
        return Order(unnamed=last - first + 1)
    old, numbers = _window(_kept(expected, gone), first, last + 1, gone)
    new, places = _window(_kept(found, fresh), first, last + 1, fresh)
    partner = np.empty(len(old), np.int64)  # equal copies pair up in order
    was, _ = order_of(words(old))
    now, _ = order_of(words(new))
    if not np.array_equal(old[was], new[now]):
        raise InputError(
            "the index is damaged: its set is not that of its rows", where=str(expected.table.path)
        )
    partner[was] = now
    steady = _longest_rising(partner.tolist())
    moved = [at for at, to in enumerate(partner.tolist()) if to not in steady]
    named = [(int(numbers[at]), int(places[partner[at]])) for at in moved[:most]]
    return Order(named, max(len(moved) - most, 0))


def _kept(index: Index, without: NDArray[np.int64]) -> Iterator[Matrix]:
    """The row digests of an index but for these rows, in blocks."""
    for start, lines in rows_of(index):
        low, high = np.searchsorted(without, [start, start + len(lines)])
        yield np.delete(lines, without[low:high] - start, axis=0) if high > low else lines


def _side_by_side(left: Iterator[Matrix], right: Iterator[Matrix]) -> Iterator[tuple[Matrix, Matrix]]:
    mine: Matrix = np.empty((0, 32), np.uint8)
    theirs: Matrix = mine
    while True:
        mine = next(left, mine[:0]) if not len(mine) else mine
        theirs = next(right, theirs[:0]) if not len(theirs) else theirs
        count = min(len(mine), len(theirs))
        if not count:
            if (block := next(left, None)) is not None:
                mine = np.concatenate([mine, block])
            elif (block := next(right, None)) is not None:
                theirs = np.concatenate([theirs, block])
            else:
                return
            continue
        yield mine[:count], theirs[:count]
        mine, theirs = mine[count:], theirs[count:]


def _window(
    blocks: Iterator[Matrix], first: int, stop: int, without: NDArray[np.int64]
) -> tuple[Matrix, NDArray[np.int64]]:
    """The rows from the `first` of the kept ones up to `stop`, and their numbers in the dataset."""
    parts: list[Matrix] = []
    at = 0
    for block in blocks:
        parts.append(block[max(first - at, 0) : max(stop - at, 0)])
        at += len(block)
        if at >= stop:
            break
    ranks = np.arange(first, stop)
    # The kept row of rank r has number r + (rows left out before it).
    return np.concatenate(parts), ranks + np.searchsorted(
        without - np.arange(len(without)), ranks, side="right"
    )


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """A longest rising subsequence (patience sorting): the rows that kept their order."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = [-1] * len(numbers)
    for at, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        if pile == len(tops):
            tops.append(number)
            piles.append(at)
        else:
            tops[pile], piles[pile] = number, at
        before[at] = piles[pile - 1] if pile else -1
    kept = set()
    at = piles[-1] if piles else -1
    while at >= 0:
        kept.add(numbers[at])
        at = before[at]
    return kept
