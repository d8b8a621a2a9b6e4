"""Rows that contradict a claim: counted, and the first of them named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from modelward.core.errors import Rejected
from modelward.data import rowsets
from modelward.data.index import Index
from modelward.data.operations.step import Step, names
from modelward.data.preview import described

#: Offending rows that an error shows.
SHOWN_ROWS = 3
#: Different offending rows whose places are looked for.
MAX_LOOKED_FOR = 1000


class Offending(Protocol):
    """Row digests, and how many of each are wrong."""

    @property
    def total(self) -> int:
        """How many rows, copies counted."""

    def first(self, number: int) -> list[tuple[bytes, int]]:
        """The first `number` of them, and how many of each."""


class Rows(NamedTuple):
    """Offending rows that were counted one by one."""

    total: int
    few: list[tuple[bytes, int]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, int]]) -> Rows:
        """Count them; keep the first."""
        total = 0
        few: list[tuple[bytes, int]] = []
        for row, count in pairs:
            total += count
            if len(few) < MAX_LOOKED_FOR:
                few.append((row, count))
        return cls(total, few)

    def first(self, number: int) -> list[tuple[bytes, int]]:
        """The first `number` of them."""
        return self.few[:number]


def none_more_often(
    step: Step, these: Sequence[Index], those: Sequence[Index], columns: Sequence[str] | None = None
) -> None:
    """Raise Rejected if a row (of these columns only) is in `these` more often than in `those`."""
    surplus = rowsets.excess(these, those, columns)
    if surplus.total:
        raise contradiction(step, surplus, these, f"not in {names(those, 'or')}", columns=columns)


def contradiction(
    step: Step,
    rows: Offending,
    indexes: Sequence[Index],
    problem: str,
    *,
    help: str = "",
    columns: Sequence[str] | None = None,
) -> Rejected:
    """Says how many rows of `indexes` are wrong, and shows the first of them.

    With `columns` the digests are those of rows that have only these.
    """
    offending = "1 row" if rows.total == 1 else f"{rows.total} rows"
    verb = "is" if rows.total == 1 else "are"
    only = (
        f" (without {', '.join(step.details.columns)})"
        if columns is not None and step.details.columns
        else ""
    )
    lines = [f"{offending} of {names(indexes)}{only} {verb} {problem}", *_first_rows(rows, indexes, columns)]
    return Rejected(f"{subject(step)}: " + "\n".join(lines), help=help or _remedy(step))


def subject(step: Step) -> str:
    """`clean.csv is no filter of raw.csv`."""
    verb = "is" if len(step.outputs) == 1 else "are"
    text = f"{names(step.outputs)} {verb} no {step.operation}"
    return f"{text} of {names(step.inputs)}" if step.inputs else text


def _first_rows(rows: Offending, indexes: Sequence[Index], columns: Sequence[str] | None) -> list[str]:
    """Some offending rows: of a row that is there n times too often, the last n."""
    over = dict(rows.first(MAX_LOOKED_FOR))
    there = Counter(row for index in indexes for _, row in _occurrences(index, over, columns))
    spare = {row: there[row] - surplus for row, surplus in over.items()}
    lines: list[str] = []
    for index in indexes:
        numbers = []
        for number, row in _occurrences(index, over, columns):
            spare[row] -= 1
            if spare[row] < 0:
                numbers.append(number)
            if len(numbers) + len(lines) == SHOWN_ROWS:
                break
        lines += described(index, numbers)
        if len(lines) == SHOWN_ROWS:
            break
    return lines


def _occurrences(
    index: Index, wanted: Collection[bytes], columns: Sequence[str] | None
) -> Iterator[tuple[int, bytes]]:
    """Number and digest of each row that is wanted, in order."""
    if columns is None:
        for number in index.find(wanted):
            yield number, index.digest_at(number).raw
        return
    start = 0
    for lines in rowsets.projected(index, columns):
        for at, line in enumerate(lines):
            if (row := line.tobytes()) in wanted:
                yield start + at, row
        start += len(lines)


def _remedy(step: Step) -> str:
    """What to look at: columns that differ make every row differ."""
    first = dict(step.inputs[0].columns)
    own = {*step.details.columns, step.details.reason_column}
    for index in (*step.inputs, *step.results):
        columns = dict(index.columns)
        for name in sorted((first.keys() ^ columns.keys()) - own):
            has = step.inputs[0] if name in first else index
            return f"only {has.name} has a column {name!r}; {_INSTEAD}"
        for name in sorted(first.keys() - own):
            if first[name] != columns[name]:
                return (
                    f"column {name!r} is {first[name]} in {step.inputs[0].name} and {columns[name]} in "
                    f"{index.name}; for CSV name the type: --type {name}=int64"
                )
    return "restore those rows, or record what was done to them as a step of its own (map)"


_INSTEAD = "a step that adds columns is an annotate, one that removes them a redact, any other a map"
