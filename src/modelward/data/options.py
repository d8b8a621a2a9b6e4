"""How a dataset is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from modelward.data.digesting import Hash, keyed, plain


@dataclass(frozen=True)
class Options:
    """How a dataset is read.

    `types` names the types of CSV columns (string, int64, double, bool; string where none is named);
    `contributor`, `source` and `time` name the columns that say who gave a row, from where, and when; `label`
    those that sort the rows: a class, a reason. The cells of the `keyed` columns are hashed with `key`; of a
    key that is not here `key_id` is known.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    contributor: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    keyed: tuple[str, ...] = ()
    key_id: str = ""
    key: bytes | None = field(default=None, repr=False, compare=False)

    def labels(self) -> list[tuple[str, str]]:
        """Column of the index -> column of the data whose text it repeats."""
        return [
            (f"{kind}:{name}", name)
            for kind, names in (
                ("contributor", self.contributor),
                ("source", self.source),
                ("time", self.time),
                ("label", self.label),
            )
            for name in dict.fromkeys(names)
        ]

    def hash_of(self, column: str) -> Hash:
        """How the cells of a column are hashed."""
        return keyed(self.key) if self.key is not None and column in self.keyed else plain
