"""Which evaluation sets the data is compared with: those named, and its own splits to evaluate with."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Silent
from modelward.data import places
from modelward.data.address import is_remote
from modelward.data.places import Dataset
from modelward.data.profile.overlap import Reference
from modelward.data.profile.parts import Names, Rows, Share
from modelward.data.profile.splits import TRAIN, split_of
from modelward.data.profile.view import Plan


def columns_of(dataset: Dataset, wanted: Plan, types: dict[str, str]) -> tuple[Plan, set[str]]:
    """The plan, completed from the first rows, and the columns these have."""
    for number in range(len(dataset.parts)):
        for view in Rows(dataset, Share(number), types, Silent()).views(wanted):
            return Plan.of(view.columns, wanted), set(view.columns)
    return wanted, set()


def check_columns(wanted: Plan, columns: set[str]) -> None:
    """Raise UsageError for a column that is named and is not there."""
    for name in (*wanted.text, *wanted.attributes, *filter(None, [wanted.label])):
        if columns and name not in columns:
            raise UsageError(
                f"the dataset has no column {name!r}",
                help=f"its columns are {', '.join(sorted(columns)[:20])}",
            )


def references(
    dataset: Dataset, against: tuple[str, ...], plan: Plan, wanted: Plan, types: dict[str, str]
) -> tuple[Reference, ...]:
    """Every set to compare with, read. `plan` is that of the dataset, `wanted` what the user named.

    A split's digest is that of its file; of several files it is "", and the dataset's own stands for it.
    Raises InputError, LimitExceeded.
    """
    splits = sorted({split_of(part.name) for part in dataset.parts} - {""})
    own = [split for split in splits if split != TRAIN] if len(splits) > 1 else []
    named = [text for text in against if text not in splits or os.path.exists(text)]
    found: list[Reference] = []
    for split in dict.fromkeys([*own, *(text for text in against if text not in named)]):
        parts = [at for at, part in enumerate(dataset.parts) if split_of(part.name) == split]
        reference = Reference(len(found), f"{dataset.name}:{split}", split, Names(dataset))
        digests = _fill(reference, dataset, parts, plan, types)
        reference.digest = str(next(iter(digests.values()))) if len(digests) == 1 else ""
        found.append(reference.close())
    for text in named:
        if not is_remote(text) and not os.path.exists(text):
            known = (
                f"its splits are {', '.join(splits)}" if splits else "its files are not named after splits"
            )
            raise InputError(
                "no such file, directory or split", where=text, help=f"of {dataset.name}, {known}"
            )
        other = places.find(text)
        theirs, columns = columns_of(other, replace(wanted, text=(), label=None, attributes=()), types)
        if wanted.text:
            theirs = replace(theirs, text=tuple(name for name in plan.text if name in columns))
        reference = Reference(len(found), other.name, None, Names(other))
        digests = _fill(reference, other, range(len(other.parts)), theirs, types)
        reference.digest = str(other.subject(digests))
        found.append(reference.close())
    return tuple(found)


def _fill(
    reference: Reference, dataset: Dataset, numbers: Iterable[int], plan: Plan, types: dict[str, str]
) -> dict[str, Digest]:
    digests = {}
    for number in numbers:
        rows = Rows(dataset, Share(number), types, Silent())
        for view in rows.views(plan):
            reference.add(view)
        if rows.digest is not None:
            digests[dataset.parts[number].name] = rows.digest
    return digests
