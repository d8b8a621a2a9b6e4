"""The comparison of a model with the base that it names, from files to a verdict with its figures."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from math import prod
from pathlib import Path

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent
from modelward.pipeline.derivation import adapter, description, matching
from modelward.pipeline.derivation.measure import FEWEST, Figures, Side, measure
from modelward.pipeline.derivation.numbers import WEIGHTS, numpy
from modelward.pipeline.derivation.verdict import (
    Compared,
    Part,
    Shares,
    Verdict,
    is_body,
    judge,
    notes,
    parts,
    shares,
    worst,
)
from modelward.pipeline.derivation.weights import Entry, Weights, families

#: What the figures mean; a number for the statement. Raised when thresholds or their meaning change.
METHOD = 1
MAX_WORKERS = 4
#: Strangers that are tried for shuffled rows; all of them (up to so many) once one is.
TRIED, MOST_TRIED = 4, 64
_NOT_READ_PACKED = frozenset({"U8", "I32", "U32", "F4"})


class Derivation(Struct):
    """What was found. `architecture` and `tokenizer` say what differs; `tensors` are all of the model."""

    verdict: Verdict
    reasons: list[str]
    adapter: bool
    named_base: str
    shares: Shares
    parts: list[Part]
    notes: list[str]
    architecture: list[str]
    tokenizer: list[str]
    seed: str
    thorough: bool
    tensors: list[Compared] = field(default_factory=list)


class Settings(Struct, frozen=True):
    """How to compare. `seed` draws the rows that are looked at (default: nobody knows it before);
    `thorough` looks at all rows.
    """

    seed: str = ""
    thorough: bool = False


_PLAIN = Settings()


def compare(
    model: Path, base: Path, settings: Settings = _PLAIN, progress: Progress | None = None
) -> Derivation:
    """Compare two checkpoints: directories or single files. Nothing in them is run, memory stays bounded.

    Raises InputError for what cannot be read, LimitExceeded past a bound, MissingExtra without numpy.
    """
    numpy()
    settings = Settings(settings.seed or secrets.token_hex(16), settings.thorough)
    watch = progress or Silent()
    with ExitStack() as stack:
        found, others = families(model), families(base)
        ours = [stack.enter_context(Weights(each)) for each in found.families]
        theirs = [stack.enter_context(Weights(each)) for each in others.families]
        theirs = [each for each in theirs if not adapter.names(each)]
        if not theirs:
            raise InputError("the base is an adapter, which is no model", where=str(base))
        pairs = [(each, _counterpart(each, theirs)) for each in ours]
        watch.start(sum(left.bytes + right.bytes for left, right in pairs))
        try:
            results = [_Comparison(left, right, settings, watch).run() for left, right in pairs]
        finally:
            watch.done()
        for each in (*ours, *theirs):
            each.check_unchanged()
    verdict = worst(each.verdict for each in results)
    reasons = [f"{each.name}: {each.reason}" if len(results) > 1 else each.reason for each in results]
    if found.aside:
        verdict = worst((verdict, "cannot tell"))
        reasons.append(f"not compared: {', '.join(found.aside[:5])}{', …' * (len(found.aside) > 5)}")
    tensors = [each for result in results for each in result.tensors]
    settled = adapter.config(model)
    return Derivation(
        verdict=verdict,
        reasons=reasons,
        adapter=any(each.is_adapter for each in results),
        named_base=adapter.named_base(settled) if settled else "",
        shares=max((each.shares for each in results), key=lambda one: (one.unrelated, one.untold)),
        parts=parts(tensors),
        notes=[*(line for each in results for line in each.lines), *notes(tensors)],
        architecture=description.architecture(model, base) if not settled else [],
        tokenizer=description.tokenizer(model, base) if not settled else [],
        seed=settings.seed,
        thorough=settings.thorough,
        tensors=tensors,
    )


def _counterpart(weights: Weights, bases: Sequence[Weights]) -> Weights:
    """The base's set of weights of the same name, else the same kind, else the one with most tensors."""
    kind = os.path.splitext(weights.name)[1]
    return max(
        bases,
        key=lambda each: (each.name == weights.name, each.name.endswith(kind), len(each.entries)),
    )


class _Comparison:
    """One set of weights against the base's."""

    def __init__(self, model: Weights, base: Weights, settings: Settings, progress: Progress) -> None:
        self.model, self.base, self.settings, self.progress = model, base, settings, progress
        self.name = model.name
        self.is_adapter = adapter.names(model)
        self.tensors: list[Compared] = []
        self.lines: list[str] = []
        self.shares = Shares()
        self.verdict: Verdict = "cannot tell"
        self.reason = ""

    def run(self) -> _Comparison:
        """Compare, and judge."""
        if self.is_adapter:
            self._adapter()
            return self
        pairs = matching.by_name(self.model.entries, self.base.entries)
        self.tensors = self._measured(pairs)
        self._found_elsewhere()
        self._shuffled()
        self.shares = shares(self.tensors, self._base_body())
        self.verdict, self.reason = judge(self.shares)
        return self

    def _adapter(self) -> None:
        fitting, wrong, saved = adapter.fit(self.model, self.base)
        self.tensors = self._measured(saved, list(saved))
        strangers = [
            each.name
            for each in self.tensors
            if each.figures.votes and is_body(each.name) and each.figures.state in ("unrelated", "unclear")
        ]
        wrong += [f"{name[:200]} is not the base's" for name in strangers]
        if wrong:
            self.verdict = "inconsistent"
            self.reason = f"an adapter that does not fit the base: {wrong[0]}"
            self.lines = wrong[:20]
        elif fitting:
            self.verdict = "consistent"
            count = f"{len(fitting)} module{'s' * (len(fitting) > 1)}"
            self.reason = f"an adapter whose {count} fit the base; numbers of an adapter name no base"
            self.shares = Shares(1.0, 0.0, 0.0, 0.0)
        else:
            self.reason = "an adapter that changes nothing of the base"

    # the tensors

    def _measured(self, pairs: Mapping[str, str], names: Sequence[str] | None = None) -> list[Compared]:
        def one(name: str) -> Compared:
            entry = self.model.entries[name]
            found = self._one(entry, pairs.get(name))
            self.progress.advance(_stored(entry) * 2)
            return found

        return list(self._each(one, self.model.entries if names is None else names))

    def _each(self, work: Callable[[str], Compared], names: Iterable[str]) -> Iterator[Compared]:
        with ThreadPoolExecutor(min(MAX_WORKERS, os.cpu_count() or 1)) as pool:
            yield from pool.map(work, names)

    def _one(self, entry: Entry, other: str | None, how: str = "") -> Compared:
        found = Compared(entry.name, entry.elements, Figures(), other or "", how, entry.dtype)
        matrix = len(entry.shape) >= 2 and entry.elements >= FEWEST
        if other is None:
            weights = entry.dtype in WEIGHTS or not entry.readable
            found.figures = Figures(state="added", votes=matrix and weights)
            return found
        base = self.base.entries[other]
        packed = entry.dtype in _NOT_READ_PACKED or base.dtype in _NOT_READ_PACKED
        if not _fits(entry, base):
            unread = packed or not entry.readable or not base.readable
            found.figures = Figures(state="unread" if unread else "reshaped", votes=matrix)
            return found
        if entry.shape != base.shape:
            found.how = "resized"
        if entry.dtype not in WEIGHTS or base.dtype not in WEIGHTS:
            # Positions, masks and counters are no evidence; a type that is not read may be weights.
            found.figures = Figures(state="unread", votes=matrix and not (entry.readable and base.readable))
            if entry.readable and base.readable:
                found.figures = self._measure(entry, base)
                found.figures.votes = False
            return found
        found.figures = self._measure(entry, base)
        return found

    def _measure(self, entry: Entry, base: Entry) -> Figures:
        return measure(
            self._side(self.model, entry),
            self._side(self.base, base),
            self.settings.seed,
            thorough=self.settings.thorough,
        )

    def _side(self, weights: Weights, entry: Entry) -> Side:
        return Side(weights, entry, matching.turned(weights, entry.name))

    def _base_body(self) -> int:
        return sum(
            entry.elements
            for name, entry in self.base.entries.items()
            if entry.dtype in WEIGHTS and len(entry.shape) >= 2 and is_body(name)
        )

    # tensors that are not where their names say

    def _found_elsewhere(self) -> None:
        """Renamed tensors, and layers in another order, by what they hold."""
        lost = [
            at
            for at, each in enumerate(self.tensors)
            if each.figures.votes and each.figures.state in ("added", "unrelated", "reshaped")
        ]
        if not lost:
            return
        found = matching.alike(
            (self._side(self.model, self.model.entries[self.tensors[at].name]) for at in lost),
            (self._side(self.base, entry) for entry in self.base.entries.values()),
        )
        for at in lost:
            former = self.tensors[at]
            other = found.get(former.name)
            if other is None or other == former.base:
                continue
            how = "moved" if former.base else "renamed"
            if {matching.group(former.name), matching.group(other)} == {"head", "embedding"}:
                how = "tied"
            self.tensors[at] = self._one(self.model.entries[former.name], other, how)

    def _shuffled(self) -> None:
        """Matrices whose rows or columns are the base's in another order."""
        strange = [each for each in self.tensors if each.figures.votes and each.figures.state == "unrelated"]
        strange.sort(key=lambda each: each.elements)
        seen = False
        for count, each in enumerate(strange[:MOST_TRIED]):
            if count >= TRIED and not seen:
                break
            model, base = self.model.entries[each.name], self.base.entries[each.base]
            if matching.shuffled(self._side(self.model, model), self._side(self.base, base)):
                each.figures.state, seen = "shuffled", True


def _fits(entry: Entry, base: Entry) -> bool:
    """One shape, or one with more rows."""
    left, right = entry.shape, base.shape
    return left == right or (len(left) == len(right) >= 2 and left[1:] == right[1:])


def _stored(entry: Entry) -> int:
    return entry.place(entry.elements) if entry.readable else prod(entry.shape)
