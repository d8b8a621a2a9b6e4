"""A step: its operation, its datasets, and what the operation needs to know besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from modelward.core.digest import Digest
from modelward.data.index import Index
from modelward.data.operations.mapping import RowMapping


@dataclass(frozen=True, slots=True)
class Details:
    """What an operation is told besides its datasets. Each takes only some of these.

    `columns`: those it changed, or by which it compares. `reason_column`: of the dropped rows, why. `mapping`
    or `key`: which row became which; with `fan_out` one row may become several, or several one. `persons`:
    (column, value) pairs of the rows to delete; `rows`: their digests.
    """

    columns: tuple[str, ...] = ()
    reason_column: str = ""
    mapping: RowMapping | None = None
    key: str = ""
    fan_out: bool = False
    persons: tuple[tuple[str, str], ...] = ()
    rows: frozenset[bytes] = frozenset()

    def given(self) -> list[str]:
        """The names of those that are given."""
        return [name for name in self.__slots__ if getattr(self, name)]


@dataclass(frozen=True, slots=True)
class Step:
    """The datasets of one step. `attested`: the signed snapshot that an input (its digest) agrees with."""

    operation: str
    inputs: tuple[Index, ...]
    outputs: tuple[Index, ...]
    dropped: Index | None = None
    details: Details = field(default_factory=Details)
    attested: Mapping[Digest, Digest] = field(default_factory=dict)

    @property
    def results(self) -> tuple[Index, ...]:
        """What came out, kept or dropped."""
        return (*self.outputs, self.dropped) if self.dropped else self.outputs


class Outcome(NamedTuple):
    """What a check found: how many rows were dropped, the claim, and fields for the statement."""

    dropped: int = 0
    claim: str = "checked"
    fields: Mapping[str, Any] = {}


def names(indexes: Sequence[Index], joint: str = "and") -> str:
    """The names of datasets, for people."""
    return f" {joint} ".join(index.name for index in indexes)


def columns_of(*indexes: Index) -> set[str]:
    """The names of the columns of these datasets."""
    return {column.name for index in indexes for column in index.columns}
