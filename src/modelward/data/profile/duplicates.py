"""Exact duplicates: rows that are the same, and texts with the same words."""

from __future__ import annotations

import numpy as np

from modelward.data.profile.sketches import Copies
from modelward.data.profile.view import View

#: How many examples of anything a profile names.
EXAMPLES = 10


class Duplicates:
    """Copies of rows and of texts."""

    def __init__(self) -> None:
        self._rows = Copies()
        self._texts = Copies()

    def update(self, view: View) -> None:
        """Note a batch."""
        self._rows.update(view.row_hashes, view.places)
        if view.plan.text:
            spoken = np.flatnonzero(view.text_hashes)
            self._texts.update(view.text_hashes[spoken], view.places[spoken])

    def merge(self, other: Duplicates) -> None:
        """Add what the other saw."""
        self._rows.merge(other._rows)
        self._texts.merge(other._texts)

    @property
    def exact(self) -> bool:
        """Whether all rows were compared, not a sample of their hashes."""
        return self._rows.exact and self._texts.exact

    def rows(self) -> int:
        """Rows that are copies of an earlier one."""
        return self._rows.repeated()

    def texts(self) -> int:
        """Rows whose text has the words of an earlier one."""
        return self._texts.repeated()

    def examples(self) -> list[tuple[int, int]]:
        """Place and number of copies of what occurs most: texts, or rows where there is no text."""
        return self._texts.most_repeated(EXAMPLES) or self._rows.most_repeated(EXAMPLES)
