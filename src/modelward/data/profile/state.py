"""Everything that is known of the rows seen so far."""

from __future__ import annotations

from collections.abc import Sequence

from modelward.data.profile.columns import Columns
from modelward.data.profile.duplicates import Duplicates
from modelward.data.profile.labels import Labels
from modelward.data.profile.near import NearTexts, Signatures
from modelward.data.profile.overlap import Overlap, Reference
from modelward.data.profile.personal import PersonalData
from modelward.data.profile.texts import Texts
from modelward.data.profile.view import View


class State:
    """The statistics of some rows."""

    def __init__(self, references: Sequence[Reference]) -> None:
        self.rows = 0
        self.columns = Columns()
        self.labels = Labels()
        self.duplicates = Duplicates()
        self.near = NearTexts()
        self.texts = Texts()
        self.personal = PersonalData()
        self.overlaps = {reference.number: Overlap(reference.rows) for reference in references}

    def update(self, view: View, references: Sequence[Reference], personal: bool) -> None:
        """Note a batch, and look it up in these references."""
        self.rows += view.rows
        for statistic in (self.columns, self.labels, self.duplicates, self.texts):
            statistic.update(view)
        if personal:
            self.personal.update(view)
        near = None
        if view.plan.near and view.plan.text:
            near = Signatures.of(view.words, view.text_hashes, view.places)
            self.near.update(near)
        for reference in references:
            self.overlaps[reference.number].update(reference, view, near)

    def merge(self, other: State) -> None:
        """Add what the other saw."""
        self.rows += other.rows
        self.columns.merge(other.columns)
        self.labels.merge(other.labels)
        self.duplicates.merge(other.duplicates)
        self.near.merge(other.near)
        self.texts.merge(other.texts)
        self.personal.merge(other.personal)
        for number, overlap in other.overlaps.items():
            self.overlaps[number].merge(overlap)
