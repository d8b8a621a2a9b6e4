"""All kinds of features, and their tables."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from modelward.data.checks.features.table import Table

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch

#: Every module with a function `of(batch) -> Iterable[Table]`.
NAMES = ("grams", "pairs", "marks", "writing", "parts", "structure")


def tables(batch: Batch) -> Iterator[Table]:
    """All features of a batch's inputs, a table at a time."""
    for name in NAMES:
        yield from import_module(f"modelward.data.checks.features.{name}").of(batch)
