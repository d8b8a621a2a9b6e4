"""Examining bytes: every reading that a loader could choose is tried, and the worst wins."""

from __future__ import annotations

from copy import copy
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.finding import Coverage, Report
from modelward.formats.budget import Budget
from modelward.formats.companions import data_of
from modelward.formats.identify import Format, Polyglot, candidates, describe
from modelward.formats.source import Slice, Source, is_padding
from modelward.formats.torch import Checkpoint
from modelward.scan.hits import Hits

#: Formats told by marks or names that leave no doubt. What their reader gives up, another may open.
MARKED = frozenset({Format.ZIP, Format.TAR, Format.SEVENZIP, Format.HDF5, Format.NPY, Format.TEXT})

#: How the reason begins where a reader of ours broke.
DEFECT = "modelward failed to read it"


class Place(Struct, frozen=True):
    """Where bytes lie, and what their container knows of them.

    `path` is for people; `name` is the file's or member's own. `inert_text`: text there is data.
    `checkpoint`: it is the pickle of a torch checkpoint, whose storages are noted. `raw`: what it is if
    no loader's format claims it (the bytes of a tensor). `siblings` are the names in the same tree or
    archive, this one's among them.
    """

    path: str
    name: str
    depth: int = 0
    inert_text: bool = False
    checkpoint: Checkpoint | None = None
    raw: str = ""
    siblings: frozenset[str] = frozenset()


class Reading(Struct):
    """What reading some bytes as one format gave.

    `problem` is why they were not (wholly) examined. A reading that is not `sure`, because the bytes
    may well be something else, counts only where there is no sure one: then those that found something,
    or the first. One that is `whole` accounts for every byte as its format, so that it does not matter
    that the same bytes are text too. `rest` is where bytes lie that are no part of its format,
    (begin, end) each: they are examined on their own. A reading that is `embedded`, amid bytes of another,
    makes no polyglot of it; nor does one whose reader is `broken`.
    """

    format: str
    problem: str = ""
    sure: bool = True
    whole: bool = False
    rest: list[tuple[int, int]] = field(default_factory=list)
    embedded: bool = False
    broken: bool = False
    hits: Hits = field(default_factory=Hits)

    def accounts_for(self, begin: int, end: int) -> bool:
        """Whether bytes were examined as its format."""
        return (
            not self.problem
            and not self.embedded
            and all(last <= begin or end <= first for first, last in self.rest)
        )

    def fact(self, thing: Any) -> None:
        """Show a fact to the rules that look at its kind."""
        from modelward.scan.rules import CHECKS  # all the rules: not loaded where nothing is found

        for rule, check in CHECKS.get(type(thing), ()):
            for hit in check(thing):
                self.hits.add(rule, hit)


class Examination:
    """One artifact being examined: the report so far, and the budget left.

    `pinned` are globals (`module.name`) that the user allows here besides the known ones.
    """

    def __init__(self, budget: Budget | None = None, *, pinned: frozenset[str] = frozenset()) -> None:
        self.report = Report()
        self.budget = budget or Budget()
        self.pinned = pinned

    def examine(self, source: Source, place: Place) -> None:
        """Examine some bytes and all within them. Raises nothing: what fails is in the coverage."""
        index = len(self.report.coverage)
        if not place.raw and (raw := data_of(place.name, place.siblings)):
            place = replace(place, raw=raw)
        readings: list[Reading] = []
        failed = ""
        try:
            self.budget.check_depth(place.depth)
            if not place.depth:
                self.budget.admit(source.size)
            readings = self._readings(source, place)
            seen = describe(source) if source.size else "empty"
        except InputError as error:
            seen = failed = error.message
        for reading in readings:
            self.report.extend(reading.hits.findings(place.path))
        if readings:
            name = "+".join(reading.format for reading in readings)
            problem = next((reading.problem for reading in readings if reading.problem), "")
            entry = Coverage(place.path, name, examined=not problem, reason=problem)
        elif not failed and (place.raw or seen == "empty"):
            entry = Coverage(place.path, place.raw or "empty", examined=True)
        else:
            entry = Coverage(place.path, "unknown", examined=False, reason=seen)
        self.report.coverage.insert(index, entry)

    def trial(self) -> Examination:
        """An examination within this one's budget, whose report counts only if it is adopted."""
        other = copy(self)
        other.report = Report()
        return other

    def adopt(self, trial: Examination) -> None:
        """Take over the report of a trial."""
        self.report.extend(trial.report.findings)
        self.report.coverage += trial.report.coverage

    def unexamined(self, path: str, reason: str) -> None:
        """Note something that could not be examined."""
        self.report.coverage.append(Coverage(path, "unknown", examined=False, reason=reason))

    def _readings(self, source: Source, place: Place) -> list[Reading]:
        from modelward.scan.readers import reader

        found: list[Reading] = []
        for candidate in candidates(source):
            if candidate is Format.TEXT and place.raw:
                continue
            try:
                reading = reader(candidate)(source, place, self)
            except LimitExceeded as error:
                reading = Reading(candidate.value, error.message)
            except InputError as error:
                known = candidate in MARKED  # other bytes may well be something else
                reading = Reading(candidate.value, error.message, sure=known, broken=known)
            except Exception as error:  # noqa: BLE001 - fails closed: what a defect of ours left is not examined
                what = f"{type(error).__name__}: {str(error)[:120]}"
                reading = Reading(candidate.value, f"{DEFECT} ({what}); please report it", broken=True)
            if reading is not None:
                found.append(reading)
        sure = [reading for reading in found if reading.sure]
        if place.raw:
            return sure
        if any(reading.whole for reading in sure):
            for reading in sure:
                if reading.format == "text" and not reading.broken:
                    reading.problem = ""
        loaders = tuple(
            reading.format
            for reading in sure
            if reading.format not in ("text", "json", "template") and not (reading.embedded or reading.broken)
        )
        if len(loaders) > 1:
            sure[0].fact(Polyglot(loaders))
        self._rest(source, place, sure)
        return sure or [reading for reading in found if reading.hits.findings("")] or found[:1]

    def _rest(self, source: Source, place: Place, readings: list[Reading]) -> None:
        """Examine what a reading leaves over, unless another reading accounts for it."""
        for reading in readings:
            others = [other for other in readings if other is not reading]
            for begin, end in reading.rest:
                if begin >= end or any(other.accounts_for(begin, end) for other in others):
                    continue
                part = Slice(source, begin, end - begin)
                try:
                    self.budget.spend_members(1)
                    if not is_padding(part):
                        self.examine(part, Place(f"{place.path}!byte {begin}", "", place.depth + 1))
                except InputError as error:
                    reading.problem = error.message
