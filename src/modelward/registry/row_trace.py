"""Where rows went: from the datasets that hold them to the runs and models that were made of these.

What an index at hand shows is certain. Where there is none, a dataset made from one that holds the rows *may*
hold them, unless the step kept every row; and what was made from that may have used them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelward.attest.predicates import Custody, Evaluation, Snapshot
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded
from modelward.registry.lineage import Lineage, Said

if TYPE_CHECKING:
    from modelward.data.holding import Held, Matrix

#: More datasets, outputs and models than this are refused, not cut.
MAX_REACHED = 100_000

#: Operations after which every row, or none but, is one of the inputs' rows; checked from the rows.
_KEEP_ALL = frozenset({"merge", "shuffle", "dedupe"})
_ADD_NONE = _KEEP_ALL | {"filter", "split", "delete"}


@dataclass(frozen=True, slots=True)
class Sought:
    """What is traced: a `row` by its digest, a `contributor` or a `source` by its text, or a `dataset`."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What the indexes at hand show, by dataset: `held`; `declared` are the datasets said to be all of it.

    `rows` counts the different rows that were looked for, `all_known` says that these are all there are;
    `unexamined` are datasets without an index at hand.
    """

    rows: int
    all_known: bool
    held: Mapping[Digest, Held]
    declared: Mapping[Digest, Said]
    unexamined: tuple[Digest, ...]

    def holds(self, dataset: Digest) -> bool | None:
        """Whether a dataset holds any of the rows; None if nothing at hand tells."""
        if dataset in self.declared:
            return True
        found = self.held.get(dataset)
        if found is None or not (found.rows or self.all_known):
            return None
        return bool(found.rows)


@dataclass(frozen=True, slots=True)
class Reached:
    """Something that rows came into: surely, or perhaps; by which step, from what (None where it starts)."""

    digest: Digest
    sure: bool
    step: Said | None = None
    origin: Digest | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """An evaluation that used a dataset with the rows."""

    said: Said
    dataset: Digest
    sure: bool


def examine(lineage: Lineage, files: Mapping[Digest, Path], sought: Sought, row: Matrix | None) -> Examined:
    """Look for the rows in every snapshot whose index is among `files` (SHA-256 of the index -> its path).

    `row` are the rows to look for; None: those that the indexes name for a contributor or source.
    """
    from modelward.data.holding import held, together
    from modelward.data.index_file import open_index

    at_hand = {
        subject: paths
        for subject in lineage.snapshots
        if (paths := [files[digest] for digest in _indexes(lineage, subject) if digest in files])
    }
    declared = _declared(lineage, sought)
    rows = row if row is not None else together(list(_named(at_hand, sought, declared)))
    found = {}
    for subject, paths in at_hand.items():
        with open_index(paths[0]) as index:
            found[subject] = held(index, rows)
    same = {_set_root(lineage, subject): result for subject, result in found.items()}
    unexamined = []
    for subject in lineage.snapshots:
        if subject not in found:
            if _set_root(lineage, subject) in same:  # the very rows, in another file
                found[subject] = same[_set_root(lineage, subject)]._replace(first=None)
            else:
                unexamined.append(subject)
    return Examined(len(rows), declared.keys() <= at_hand.keys(), found, declared, tuple(unexamined))


def _indexes(lineage: Lineage, subject: Digest) -> list[Digest]:
    return [
        Digest.parse(said.statement.typed(Snapshot).index)
        for said in reversed(lineage.about(subject))
        if said.is_a(Snapshot)
    ]


def _set_root(lineage: Lineage, subject: Digest) -> str:
    snapshot = lineage.snapshot(subject)
    return snapshot.statement.typed(Snapshot).set_root if snapshot else ""


def _named(
    at_hand: Mapping[Digest, list[Path]], sought: Sought, declared: Collection[Digest]
) -> Iterator[Matrix]:
    """The rows that an index names, and all rows of a dataset that is said to be all of it."""
    from modelward.data.holding import all_rows, labelled
    from modelward.data.index_file import open_index

    for subject, paths in at_hand.items():
        for path in paths:
            with open_index(path) as index:
                rows = all_rows(index) if subject in declared else labelled(index, sought.kind, sought.text)
            if rows is not None:
                yield rows


def _declared(lineage: Lineage, sought: Sought) -> dict[Digest, Said]:
    """The datasets that were collected from a source, or given by a contributor, on somebody's word."""
    found = {}
    for subject in lineage.recorded if sought.kind in ("contributor", "source") else ():
        for said in lineage.makers(subject):
            source = said.statement.typed(Custody).source if said.is_a(Custody) else None
            if source is not None and sought.text in (
                (source.uri,) if sought.kind == "source" else (source.contributor,)
            ):
                found[subject] = said
    return found


def forward(
    lineage: Lineage, starts: Iterable[Digest], holds: Callable[[Digest], bool | None] | None
) -> tuple[list[Reached], list[Measured]]:
    """Everything made from the datasets where it starts, sure before unsure, nearest first.

    `holds` tells of a dataset whether it has the rows; None where whole datasets are traced, and what is made
    from one is surely made from it. Raises LimitExceeded past MAX_REACHED.
    """
    reached: dict[Digest, Reached] = {}
    measured: dict[tuple[Digest, Digest], Measured] = {}
    queues: dict[bool, deque[Reached]] = {
        True: deque(Reached(start, True) for start in starts),
        False: deque(),
    }
    while queue := queues[True] or queues[False]:
        here = queue.popleft()
        if here.digest in reached:
            continue
        if len(reached) >= MAX_REACHED:
            raise LimitExceeded(f"over {MAX_REACHED:,} things were made from it")
        reached[here.digest] = here
        for said in lineage.uses(here.digest):
            if said.is_a(Evaluation):
                measured.setdefault((said.id, here.digest), Measured(said, here.digest, here.sure))
                continue
            known = holds(said.statement.subject) if holds else None
            if known is False and _is_checked(said, _ADD_NONE):
                continue  # its index shows that the rows were left out
            sure = here.sure and known is not False and (known or holds is None or _keeps(lineage, said))
            queues[sure].append(Reached(said.statement.subject, sure, said, here.digest))
    return list(reached.values()), list(measured.values())


def _keeps(lineage: Lineage, said: Said) -> bool:
    """Whether what was made surely has, or used, every row of its inputs."""
    if said.is_a(Custody):
        return _is_checked(said, _KEEP_ALL) and not said.statement.typed(Custody).columns
    return (
        lineage.snapshot(said.statement.subject) is None
    )  # a model; a dataset that a run made may lack some


def _is_checked(said: Said, operations: frozenset[str]) -> bool:
    if said.problem or not said.is_a(Custody):
        return False
    custody = said.statement.typed(Custody)
    return custody.claim == "checked" and custody.operation in operations
