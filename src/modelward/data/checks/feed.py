"""What is known of each contributor of a feed, batch after batch, and the evidence against them.

A contributor's examples are coins with known chances: each shows a behaviour or not, and was expected to
show it with a chance p. Kept of them are only counts by bins of p, so that batches add up and the state
stays small.

The evidence is the ratio of two mixtures over how far a contributor raises the log odds of a behaviour: by a
lot (1 to 6), against by as much as honest contributors differ (a normal distribution whose spread is
estimated from all of them, those apart who stand out). That ratio is a martingale for honest contributors,
so it may be looked at after each batch: the chance that it ever reaches 1/a is at most a (Ville's
inequality).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from modelward.core import strict_json
from modelward.core.errors import InputError

#: Contributors and behaviours of a state at most, and bytes.
MOST_CONTRIBUTORS, MOST_CHANNELS, MOST_BYTES = 1_000_000, 512, 256 << 20
#: Bins of the expected chance: edges in log odds; a bin's chance is that of its middle.
_EDGES = np.linspace(-7.0, 7.0, 57)
BINS = len(_EDGES) + 1
_CHANCES = 1 / (1 + np.exp(-np.append(_EDGES - 0.125, 7.125)))
#: By how much log odds may be raised, and what an attack raises them by.
_SHIFTS = np.arange(-6.0, 6.01, 0.125)
_ATTACK = _SHIFTS >= 1.0
#: How much honest contributors may differ, and the share of contributors who are let stand out.
_SPREADS = (0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2)
_APART = 0.02
_SPREAD_PRIOR = 0.4
#: Of fewer contributors the spread is not estimated, but taken to be this.
_FEWEST, _UNKNOWN = 8, 0.8
_MAX_COUNT = 1 << 48


@dataclass
class Channel:
    """One behaviour: `shown[c]` examples of contributor `c`, and `expected[c, b]` with a chance of bin b."""

    shown: Any
    expected: Any

    @property
    def n(self) -> Any:
        """How many examples each contributor has."""
        return self.expected.sum(1)

    @property
    def mean(self) -> Any:
        """How many of each contributor's examples were expected to show it."""
        return self.expected @ _CHANCES


@dataclass
class Feed:
    """What is known of the contributors of a feed after some batches."""

    names: list[str] = field(default_factory=list)
    channels: dict[str, Channel] = field(default_factory=dict)
    batches: int = 0

    def add(self, channel: str, contributors: Any, names: list[str], shown: Any, chance: Any) -> None:
        """Count a batch's examples: whose each is (a number of `names`), whether it shows it, its chance."""
        place = self._places(names)
        count = len(self.names)
        whose = place[contributors]
        with np.errstate(divide="ignore"):
            bins = np.searchsorted(_EDGES, np.log(chance / (1 - chance)))
        expected = np.bincount(whose * BINS + bins, minlength=count * BINS).reshape(count, BINS)
        own = np.bincount(whose, shown, count).astype(np.int64)
        if channel not in self.channels:
            if len(self.channels) >= MOST_CHANNELS:
                return
            self.channels[channel] = Channel(np.zeros(count, np.int64), np.zeros((count, BINS), np.int64))
        before = self._grown(self.channels[channel])
        self.channels[channel] = Channel(before.shown + own, before.expected + expected)

    def _places(self, names: list[str]) -> Any:
        known = {name: at for at, name in enumerate(self.names)}
        places = np.array([known.setdefault(name, len(known)) for name in names], np.int64)
        self.names = list(known)
        return places

    def _grown(self, channel: Channel) -> Channel:
        missing = len(self.names) - len(channel.shown)
        return Channel(np.pad(channel.shown, (0, missing)), np.pad(channel.expected, ((0, missing), (0, 0))))

    def evidence(self) -> Iterator[tuple[str, Channel, Any, float]]:
        """Of each behaviour the counts, the log of the evidence against each contributor, and the spread."""
        for name, channel in self.channels.items():
            grown = self._grown(channel)
            yield name, grown, *evidence(grown)

    def to_bytes(self) -> bytes:
        """The state as a file: canonical JSON."""
        channels = {
            name: [
                [who, int(channel.shown[who]), *_runs(channel.expected[who])]
                for who in np.flatnonzero(channel.expected.any(1)).tolist()
            ]
            for name, channel in sorted(self.channels.items())
        }
        made = {"batches": self.batches, "channels": channels, "contributors": self.names, "version": 1}
        return msgspec.json.encode(made, order="deterministic")


def evidence(channel: Channel) -> tuple[Any, float]:
    """The log of the evidence against each contributor, and by how much honest ones differ (in log odds)."""
    tilted = np.log1p(_CHANCES[:, None] * np.expm1(_SHIFTS))
    likelihood = channel.shown[:, None] * _SHIFTS - channel.expected @ tilted
    top = likelihood.max(1, keepdims=True)
    raised = np.exp(likelihood - top)
    attack = raised[:, _ATTACK].mean(1)
    usual = {spread: raised @ _normal(spread) for spread in _SPREADS}
    active = channel.n > 0
    if int(active.sum()) < _FEWEST:
        spread = _UNKNOWN
        usual[spread] = raised @ _normal(spread)
    else:
        spread = max(_SPREADS, key=lambda each: _fit(usual[each][active], attack[active], each))
    return np.where(active, np.log(attack + 1e-300) - np.log(usual[spread] + 1e-300), 0.0), spread


def _fit(usual: Any, attack: Any, spread: float) -> float:
    """How well a spread explains the contributors, if a few of them stand out for another reason."""
    found = np.log((1 - _APART) * usual + _APART * attack + 1e-300).sum()
    return float(found) - _SPREAD_PRIOR * spread


def _normal(spread: float) -> Any:
    weights = np.exp(-((_SHIFTS / spread) ** 2) / 2)
    return weights / weights.sum()


def _runs(counts: Any) -> list[int]:
    at = np.flatnonzero(counts)
    return [int(each) for pair in zip(at, counts[at], strict=True) for each in pair]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    batches: int
    contributors: list[str]
    channels: Mapping[str, list[list[int]]]


def read(data: bytes) -> Feed:
    """The state of a file; of no bytes that of a feed without batches. Raises InputError."""
    if not data:
        return Feed()
    try:
        found = msgspec.convert(strict_json.loads(data, what="the state", max_bytes=MOST_BYTES), _File)
    except msgspec.ValidationError as error:
        raise InputError(f"this is no state of contributors: {error}", where="state") from None
    if found.version != 1:
        raise InputError(f"the state has version {found.version}, which is not known", where="state")
    count = len(found.contributors)
    if (
        count > MOST_CONTRIBUTORS
        or len(found.channels) > MOST_CHANNELS
        or not 0 <= found.batches < _MAX_COUNT
    ):
        raise InputError("the state of the contributors is too large", where="state")
    if len(set(found.contributors)) != count:
        raise InputError("the state names a contributor twice", where="state")
    channels = {name: _channel(rows, count) for name, rows in found.channels.items()}
    return Feed(list(found.contributors), channels, found.batches)


def _channel(rows: list[list[int]], count: int) -> Channel:
    shown, expected = np.zeros(count, np.int64), np.zeros((count, BINS), np.int64)
    seen: set[int] = set()
    for row in rows:
        who, own, pairs = row[0] if row else -1, row[1] if len(row) > 1 else -1, row[2:]
        bins, counts = pairs[::2], pairs[1::2]
        good = 0 <= who < count and who not in seen and len(bins) == len(counts) == len(set(bins))
        good = (
            good and all(0 <= each < BINS for each in bins) and all(0 < each < _MAX_COUNT for each in counts)
        )
        if not good or not 0 <= own <= sum(counts):
            raise InputError("the state has a row that cannot be", where="state")
        seen.add(who)
        shown[who] = own
        expected[who, bins] = counts
    return Channel(shown, expected)
