"""Overlap: rows of an evaluation set, or of another split, that are in the data to train on as well.

Four ways to be there, each counted in rows of the evaluation set: the same row; the same words; nearly the
same words (`near`); a run of GRAM words in common, unless so many rows of the set have that run that it is a
template. The set is held in memory, the data to train on is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.profile.duplicates import EXAMPLES
from modelward.data.profile.near import NearIndex, Signatures
from modelward.data.profile.parts import Names
from modelward.data.profile.view import View

#: Words of a run that counts as contamination.
GRAM = 13
#: A run that is in more rows of the evaluation set is a template and does not count.
TEMPLATE_ROWS = 10
#: Rows of an evaluation set, and runs of words in it.
ROWS = 4_000_000
GRAMS = 64_000_000

KINDS = ("rows", "texts", "near", "grams")


class Reference:
    """An evaluation set, ready to be looked up in.

    `number` tells several apart; `split` is the split of the dataset that it is, None for another dataset.
    """

    def __init__(self, number: int, name: str, split: str | None, names: Names) -> None:
        self.number = number
        self.name = name
        self.digest = ""
        self.split = split
        self._names = names
        self.rows = 0
        self._places: Any = np.empty(0, np.int64)
        self._parts: list[tuple[Any, Any, Any]] = []
        self._grams: list[tuple[Any, Any]] = []
        self._near: list[Signatures] = []
        self._gram_count = 0
        self.index: NearIndex | None = None
        self.lookups: dict[str, tuple[Any, Any]] = {}

    def add(self, view: View) -> None:
        """Take in rows of the set. Raises LimitExceeded past ROWS or GRAMS."""
        self._parts.append((view.row_hashes, view.text_hashes, view.places))
        grams, owners = view.words.grams(GRAM)
        self._grams.append((grams, owners + self.rows))
        self._gram_count += len(grams)
        if view.plan.near:
            self._near.append(Signatures.of(view.words, view.text_hashes, np.arange(view.rows) + self.rows))
        self.rows += view.rows
        if self.rows > ROWS or self._gram_count > GRAMS:
            raise LimitExceeded(
                f"an evaluation set of over {ROWS:,} rows or {GRAMS:,} runs of {GRAM} words",
                where=self.name,
                help="name a smaller set with --against, or swap the two: overlap goes both ways",
            )

    def named(self, row: int) -> str:
        """The name of the place of a row."""
        return self._names[int(self._places[row])]

    def close(self) -> Reference:
        """Sort everything, after the last row. Raises InputError for a set without rows."""
        if not self.rows:
            raise InputError("the evaluation set has no rows", where=self.name)
        rows, texts, places = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        self._places = places
        numbers = np.arange(self.rows)
        spoken = texts != 0
        grams = np.concatenate([part for part, _ in self._grams])
        owners = np.concatenate([part for _, part in self._grams])
        self.lookups = {
            "rows": _sorted(rows, numbers),
            "texts": _sorted(texts[spoken], numbers[spoken]),
            "grams": _without_templates(grams, owners),
        }
        if self._near:
            kept = Signatures.none().joined(self._near)
            self.index = NearIndex(kept, kept.places)
        self._parts, self._grams, self._near = [], [], []
        return self


def _sorted(hashes: Any, owners: Any) -> tuple[Any, Any]:
    order = np.argsort(hashes, kind="stable")
    return hashes[order], owners[order]


def _without_templates(grams: Any, owners: Any) -> tuple[Any, Any]:
    """The runs of a set and the rows they are in, sorted; without those that are mostly template.

    Takes them row by row, in the order of their words. A word is template if a run around it is in more than
    TEMPLATE_ROWS rows; a run of which more than half is template tells nothing.
    """
    if not len(grams):
        return grams, owners
    order = np.lexsort((owners, grams))
    new = np.r_[True, grams[order][1:] != grams[order][:-1]]
    # A run may be several times in one row: of those, count the rows.
    fresh = new | np.r_[True, owners[order][1:] != owners[order][:-1]]
    rows = np.add.reduceat(fresh.astype(int), np.flatnonzero(new))[np.cumsum(new) - 1]
    template = np.zeros(len(grams), bool)
    template[order] = rows > TEMPLATE_ROWS
    # A row has GRAM - 1 words more than runs.
    slots = np.arange(len(grams)) + (GRAM - 1) * np.cumsum(np.r_[False, owners[1:] != owners[:-1]])
    edges = np.zeros(slots[-1] + GRAM + 1, np.int64)
    np.add.at(edges, slots[template], 1)
    np.add.at(edges, slots[template] + GRAM, -1)
    covered = np.concatenate([[0], np.cumsum(np.cumsum(edges) > 0)])
    own = covered[slots + GRAM] - covered[slots] <= GRAM // 2
    kept = order[own[order] & fresh]
    return grams[kept], owners[kept]


class Overlap:
    """Which rows of one reference were met in the data, and where."""

    def __init__(self, rows: int) -> None:
        self.met = {kind: np.zeros(rows, bool) for kind in KINDS}
        self._examples: dict[str, list[tuple[int, int, float]]] = {}

    def update(self, reference: Reference, view: View, near: Signatures | None) -> None:
        """Look a batch up."""
        found = {
            "rows": self._equal("rows", reference, view.row_hashes),
            "texts": self._equal("texts", reference, view.text_hashes),
        }
        grams, owners = view.words.grams(GRAM)
        at, rows = self._equal("grams", reference, grams)
        found["grams"] = owners[at], rows
        exact = np.concatenate([found[kind][1] for kind in ("rows", "texts")])
        likenesses = dict.fromkeys(found, np.ones(0))
        if near is not None and reference.index is not None:
            left, rows, values = reference.index.matches(near)
            self.met["near"][rows] = True
            found["near"] = np.searchsorted(view.places, near.places[left]), rows
            likenesses["near"] = values
        for kind, (here, rows) in found.items():
            # What is there in the same words is no example of being there nearly.
            new = np.flatnonzero(~np.isin(rows, exact)) if kind in ("near", "grams") else np.arange(len(rows))
            new = new[: EXAMPLES * 4]
            values = likenesses["near"][new] if kind == "near" else np.full(len(new), kind != "grams", float)
            places = view.places[here[new]].tolist()
            self._remember(kind, list(zip(places, rows[new].tolist(), values.tolist(), strict=True)))

    def _equal(self, kind: str, reference: Reference, hashes: Any) -> tuple[Any, Any]:
        """Which of the hashes are in the set: their numbers, and rows; all rows with them are met."""
        keys, owners = reference.lookups[kind]
        starts = np.searchsorted(keys, hashes, "left")
        hit = np.flatnonzero(starts < len(keys))
        hit = hit[keys[starts[hit]] == hashes[hit]]
        stops = np.searchsorted(keys, hashes[hit], "right")
        edges = np.zeros(len(keys) + 1, np.int64)
        np.add.at(edges, starts[hit], 1)
        np.add.at(edges, stops, -1)
        if len(hit):
            self.met[kind][owners[np.cumsum(edges[:-1]) > 0]] = True
        return hit, owners[starts[hit]]

    def merge(self, other: Overlap) -> None:
        """Add what the other met."""
        for kind, met in other.met.items():
            self.met[kind] |= met
        for kind, examples in other._examples.items():
            self._remember(kind, examples)

    def _remember(self, kind: str, examples: list[tuple[int, int, float]]) -> None:
        best: dict[tuple[int, int], float] = {}
        for here, row, value in [*self._examples.get(kind, []), *examples]:
            best[here, row] = max(value, best.get((here, row), 0.0))
        self._examples[kind] = sorted((*pair, value) for pair, value in best.items())[:EXAMPLES]

    def examples(self) -> list[tuple[int, int, float]]:
        """Place, row of the reference and likeness: 1 the same words, 0 no more than a run of words."""
        best: dict[tuple[int, int], float] = {}
        for here, row, value in (one for examples in self._examples.values() for one in examples):
            best[here, row] = max(value, best.get((here, row), 0.0))
        return sorted((*pair, value) for pair, value in best.items())

    def counts(self) -> dict[str, int]:
        """Rows of the reference that were met, by kind; `shared`: in any way."""
        counts = {kind: int(met.sum()) for kind, met in self.met.items()}
        counts["shared"] = int(np.logical_or.reduce(list(self.met.values())).sum())
        return counts
