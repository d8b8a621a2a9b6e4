"""Columns: what they hold, what is missing, ranges, lengths, different values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from types import NoneType
from typing import Any

import msgspec
import numpy as np

from modelward.data.cells import Value
from modelward.data.profile import facts
from modelward.data.profile.sketches import Categories, Distinct, ExactSum, Sample
from modelward.data.profile.view import View, category, kind_of, leading_bits, text_of

#: Texts that stand for a missing value, in lower case.
PLACEHOLDERS = frozenset({"n/a", "na", "nan", "null", "none", "nil", "-", "--", "?", "unknown", "missing"})
#: A column with more different values than this is no category: its values are not kept.
CATEGORIES = 1000
#: Up to so many different values are a category, also of numbers; more, if each is there REPEATS times.
FEW = 20
REPEATS = 5
QUANTILES = tuple(number / 100 for number in range(101))

#: Longer texts are no numbers and no placeholders.
_SHORT = 40
_NUMERAL = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*\Z", re.ASCII)


class Numbers:
    """Range, mean and quantiles of numbers."""

    def __init__(self) -> None:
        self.count = 0
        self.not_finite = 0
        self._min, self._max = np.inf, -np.inf
        self._sum = ExactSum()
        self._sample = Sample()

    def update(self, values: Any, places: Any) -> None:
        """Note floats at places."""
        finite = np.isfinite(values)
        if not finite.all():
            self.not_finite += int((~finite).sum())
            values, places = values[finite], places[finite]
        if not len(values):
            return
        self.count += len(values)
        self._min = min(self._min, float(values.min()))
        self._max = max(self._max, float(values.max()))
        self._sum.update(values)
        chosen = self._sample.chosen(places)
        self._sample.update(places[chosen], values[chosen], len(values))

    def merge(self, other: Numbers) -> None:
        """Add what the other saw."""
        self.count += other.count
        self.not_finite += other.not_finite
        self._min, self._max = min(self._min, other._min), max(self._max, other._max)
        self._sum.merge(other._sum)
        self._sample.merge(other._sample)

    def result(self) -> facts.Numbers | None:
        """What they are like; None without a number."""
        if not self.count:
            return None
        quantiles = np.quantile(np.sort(self._sample.values().astype(float)), QUANTILES, method="nearest")
        mean = self._sum.mean(self.count)
        return facts.Numbers(
            count=self.count,
            min=self._min,
            max=self._max,
            mean=mean if np.isfinite(mean) else None,
            quantiles=tuple(quantiles.tolist()),
            not_finite=self.not_finite,
            approximate=not self._sample.whole,
        )


class Column:
    """One column's state."""

    def __init__(self, is_text: bool) -> None:
        self._is_text = is_text
        self._rows = self._missing = self._placeholders = self._numerals = 0
        self._kinds: Counter[str] = Counter()
        self._distinct = Distinct()
        self._values = Categories(0 if is_text else CATEGORIES)
        self._numbers = Numbers()
        self._lengths = Numbers()

    def update(self, values: Sequence[Value], cells: Sequence[bytes | None], places: Any) -> None:
        """Note cells, their digests and their places."""
        self._rows += len(values)
        digests = [cell for cell in cells if cell is not None]
        self._missing += len(values) - len(digests)
        self._distinct.update(leading_bits(digests))
        counts = Counter(map(type, values))
        for kind, count in counts.items():
            if kind is not NoneType:
                self._kinds[kind_of(kind)] += count
        if str in counts:
            self._note_text(values, places, whole=len(counts) == 1)
        if self._is_text and not counts.keys().isdisjoint((list, dict)):
            lengths = np.fromiter((len(text_of(value)) for value in values), float, len(values))
            self._lengths.update(lengths, places)
        if any(kind_of(kind) == "number" for kind in counts if kind is not NoneType):
            self._note_numbers(values, places)
        if not self._is_text and self._values.counts is not None:
            self._values.update(_categories(values))

    def _note_text(self, values: Sequence[Value], places: Any, whole: bool) -> None:
        texts = values
        if not whole:
            at = [number for number, value in enumerate(values) if type(value) is str]
            texts, places = [values[number] for number in at], places[at]
        lengths = np.fromiter(map(len, texts), float, len(texts))
        self._lengths.update(lengths, places)
        if self._is_text:
            self._missing += sum(1 for text in texts if not text or text.isspace())
            return
        for text, count in Counter(texts).items():
            if len(text) >= _SHORT:
                continue
            bare = text.strip().lower()
            if not bare:
                self._missing += count
            elif bare in PLACEHOLDERS:
                self._placeholders += count
            elif _NUMERAL.match(bare):
                self._numerals += count
        if self._numerals:
            self._note_numerals(texts, places)

    def _note_numerals(self, texts: Sequence[str], places: Any) -> None:
        found = [
            (at, float(text)) for at, text in enumerate(texts) if len(text) < _SHORT and _NUMERAL.match(text)
        ]
        self._numbers.update(
            np.array([number for _, number in found], float), places[[at for at, _ in found]]
        )

    def _note_numbers(self, values: Sequence[Value], places: Any) -> None:
        at = [number for number, value in enumerate(values) if kind_of(type(value)) == "number"]
        floats = np.fromiter((_float(values[number]) for number in at), float, len(at))
        self._numbers.update(floats, places[at])

    def merge(self, other: Column) -> None:
        """Add what the other saw."""
        self._rows += other._rows
        self._missing += other._missing
        self._placeholders += other._placeholders
        self._numerals += other._numerals
        self._kinds.update(other._kinds)
        self._distinct.merge(other._distinct)
        self._values.merge(other._values)
        self._numbers.merge(other._numbers)
        self._lengths.merge(other._lengths)

    def add_missing(self, rows: int) -> None:
        """Note rows of a part that has no such column."""
        self._rows += rows
        self._missing += rows

    def result(self, name: str) -> facts.Column:
        """What the column is like."""
        values = self._values.ranked()
        return facts.Column(
            name=name,
            kinds=dict(sorted(self._kinds.items())),
            is_text=self._is_text,
            rows=self._rows,
            missing=self._missing,
            placeholders=self._placeholders,
            numerals=self._numerals,
            distinct=min(self._distinct.count(), self._rows),  # an estimate may be over
            distinct_exact=self._distinct.exact,
            values=tuple(facts.Value(value=value, rows=rows) for value, rows in values),
            numbers=self._numbers.result(),
            lengths=self._lengths.result(),
        )


class Columns:
    """All columns."""

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._rows = 0

    def update(self, view: View) -> None:
        """Note a batch."""
        for name, values in view.columns.items():
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = Column(name in view.plan.text)
                column.add_missing(self._rows)
            column.update(values, view.cells[name], view.places)
        for name in self._columns.keys() - view.columns.keys():
            self._columns[name].add_missing(view.rows)
        self._rows += view.rows

    def merge(self, other: Columns) -> None:
        """Add what the other saw."""
        for name, column in other._columns.items():
            if name in self._columns:
                self._columns[name].merge(column)
            else:
                column.add_missing(self._rows)
                self._columns[name] = column
        for name in self._columns.keys() - other._columns.keys():
            self._columns[name].add_missing(other._rows)
        self._rows += other._rows

    def result(self) -> tuple[facts.Column, ...]:
        """Each column, by name."""
        return tuple(column.result(name) for name, column in sorted(self._columns.items()))


def told(column: facts.Column, named: Collection[str], personal: Collection[str]) -> facts.Column:
    """The column as a report may tell it: values of categories only, and none where there is personal data.

    `named` are columns that the user called categories. Values that hardly repeat are names or keys of rows.
    """
    repeat = column.distinct <= FEW or column.distinct * REPEATS <= column.rows
    numeric = column.numbers is not None and column.distinct > FEW
    if column.name not in personal and (column.name in named or (repeat and not numeric)):
        return column
    return msgspec.structs.replace(column, values=())


def _categories(values: Sequence[Value]) -> Counter[str]:
    """How often each category is there. A value that repeats is looked at once."""
    found: Counter[str] = Counter()
    distinct: Iterable[tuple[Value, int]]
    try:
        distinct = Counter(values).items()
    except TypeError:  # lists and objects
        distinct = ((value, 1) for value in values)
    for value, count in distinct:
        name = category(value)
        if name is not None:
            found[name] += count
    return found


def _float(value: Value) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")
