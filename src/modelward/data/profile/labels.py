"""Labels: their balance is read off the column; here are texts with two labels, and labels by group."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from modelward.data.profile import facts
from modelward.data.profile.significance import holm, two_rates, wilson
from modelward.data.profile.sketches import Categories, Copies, mixed
from modelward.data.profile.view import View, leading_bits

#: Pairs of group and label that are counted for one attribute; with more, it is no attribute.
PAIRS = 2000
#: Smaller groups are shown but not compared.
GROUP_ROWS = 30


class Labels:
    """Texts by label, and labels by group."""

    def __init__(self) -> None:
        self._texts = Copies()
        self._labelled = Copies()
        self._groups: dict[str, Categories] = {}

    def update(self, view: View) -> None:
        """Note a batch."""
        label = view.plan.label
        if label is None or label not in view.columns:
            return
        labels = view.categories(label)
        self._note_conflicts(view, view.cells[label])
        for attribute in view.plan.attributes:
            counts = self._groups.setdefault(attribute, Categories(PAIRS))
            pairs = zip(view.categories(attribute), labels, strict=True)
            counts.update((group, given) for group, given in pairs if group is not None and given is not None)

    def _note_conflicts(self, view: View, cells: list[bytes | None]) -> None:
        known = np.array([cell is not None for cell in cells], bool) & (view.text_hashes != 0)
        if not known.any():
            return
        texts, places = view.text_hashes[known], view.places[known]
        labels = leading_bits([cell for cell, use in zip(cells, known, strict=True) if use and cell])
        self._texts.update(texts, places)
        # In the high bits the text, so that sampling by hash takes a text with all its labels.
        high = texts & np.uint64(0xFFFFFFFF00000000)
        self._labelled.update(high | (mixed(texts ^ labels) >> np.uint64(32)), places)

    def merge(self, other: Labels) -> None:
        """Add what the other saw."""
        self._texts.merge(other._texts)
        self._labelled.merge(other._labelled)
        for attribute, counts in other._groups.items():
            self._groups.setdefault(attribute, Categories(PAIRS)).merge(counts)

    def result(self, column: facts.Column | None) -> facts.Label | None:
        """The labels, given what the column of labels is like; None where it is no category."""
        if column is None or not column.values:
            return None
        return facts.Label(
            column=column.name,
            values=column.values,
            missing=column.missing,
            conflicts=max(0, self._labelled.distinct() - self._texts.distinct()),
            conflicts_exact=self._texts.exact and self._labelled.exact,
        )

    def too_many(self) -> list[str]:
        """The attributes with too many groups."""
        return sorted(name for name, counts in self._groups.items() if counts.counts is None)

    def groups(self) -> tuple[facts.Group, ...]:
        """How often each label is given in each group."""
        found = []
        for attribute, categories in sorted(self._groups.items()):
            counts: dict[tuple[str, str], int] = dict(categories.counts or {})
            labels = sorted({label for _, label in counts})
            for group, pairs in groupby(sorted(counts), key=lambda pair: str(pair[0])):
                rows = sum(counts[pair] for pair in pairs)
                for label in labels:
                    given = counts.get((group, label), 0)
                    low, high = wilson(given, rows)
                    found.append(
                        facts.Group(
                            attribute=attribute,
                            group=group,
                            label=label,
                            rows=rows,
                            rate=given / rows,
                            low=low,
                            high=high,
                        )
                    )
        return tuple(found)


def gaps(groups: tuple[facts.Group, ...]) -> tuple[facts.Gap, ...]:
    """For each attribute and label, the two groups furthest apart, of those with GROUP_ROWS rows."""
    found: list[tuple[Any, ...]] = []
    keys = sorted({(group.attribute, group.label) for group in groups})
    by_key: dict[tuple[str, str], list[facts.Group]] = {key: [] for key in keys}
    for group in groups:
        if group.rows >= GROUP_ROWS:
            by_key[group.attribute, group.label].append(group)
    for (attribute, label), members in by_key.items():
        if len(members) < 2:
            continue
        low = min(members, key=lambda group: (group.rate, group.group))
        high = max(members, key=lambda group: (group.rate, group.group))
        p = two_rates(round(low.rate * low.rows), low.rows, round(high.rate * high.rows), high.rows)
        # The two were picked as the furthest apart of all pairs.
        found.append((attribute, label, low, high, min(1.0, p * len(members) * (len(members) - 1) / 2)))
    corrected = holm([one[-1] for one in found])
    return tuple(
        facts.Gap(
            attribute=attribute,
            label=label,
            lowest=low.group,
            highest=high.group,
            gap=high.rate - low.rate,
            p=p,
        )
        for (attribute, label, low, high, _), p in zip(found, corrected, strict=True)
    )
