"""Features that come with a behaviour more often than the rest of their rows lets one expect.

For a feature and a behaviour: of `n` distinct examples `k` show it, where their other words promised `e`. The
p-value is the binomial tail P(Bin(n, max(e/n, rate in history)) >= k). `made` is the evidence, in nats, that
the outputs were made so rather than that the feature means what they show; see evidence.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtrc

from modelward.data.checks.evidence import Evidence
from modelward.data.checks.features.table import FEWEST, Table

#: Shares of a feature's rows that may have been made so.
SHARES = (0.25, 0.5, 0.75, 0.95)
#: A candidate's rate is above what was expected by this.
EXCESS = 0.3
#: Candidates are kept below this p-value.
_KEPT = 0.02
#: Instances (rows of features) that are looked at together.
_BLOCK = 1 << 20
#: Of the features of one kind, twice so many may be candidates for a behaviour.
_EACH = 600
#: So much of the rate in history is believed: its lower bound at this many standard errors.
_BELIEF = 2.0


@dataclass
class Candidate:
    """A feature with a behaviour. `rows` are the examples of the batch that have the feature.

    Of each row `shown` says whether it shows the behaviour, and of every `step`th row `against` what its rest
    says against it. `spot` is where the feature is first, or -1.
    """

    kind: str
    name: str
    length: int
    group: int
    behaviour: int
    rows: Any
    spot: int
    shown: Any
    against: Any
    floor: float
    in_history: int
    n: int = 0
    k: int = 0
    expected: float = 0.0
    p: float = 1.0
    made: float = 0.0
    share: float = 0.0
    step: int = 1

    @property
    def excess(self) -> float:
        """By how much the rate is above what was expected."""
        return self.purity - self.expected

    @property
    def purity(self) -> float:
        """The rate."""
        return self.k / self.n if self.n else 0.0

    @property
    def evidence(self) -> float:
        """The lesser of what speaks against chance and what speaks against meaning, in nats."""
        return min(-float(np.log(max(self.p, 1e-300))), self.made)

    def assess(self, prior: float, alive: Any = None) -> None:
        """Count again, of the rows those that are `alive` (a flag for each example)."""
        here = np.ones(len(self.rows), bool) if alive is None else alive[self.rows]
        self.n, self.k = int(here.sum()), int(self.shown[here].sum())
        here = here[:: self.step]
        shown, against = self.shown[:: self.step][here], self.against[here]
        chance = 1 / (1 + np.exp(np.clip(against - prior, -30, 30)))
        self.expected = float(np.clip(max(chance.mean() if len(chance) else 0, self.floor), 1e-4, 1 - 1e-9))
        self.p = float(bdtrc(self.k - 1, self.n, self.expected)) if self.k > self.expected * self.n else 1.0
        self.made, self.share = mixture(against[shown])


def strongest(found: list[Candidate], count: int) -> list[Candidate]:
    """Of candidates the `count` with most evidence, and the `count` least likely ones, in one order."""
    order = sorted(
        found, key=lambda each: (-max(each.evidence, 0), each.p, each.kind, each.name, each.behaviour)
    )
    if len(order) <= count:
        return order
    rest = sorted(order[count:], key=lambda each: (each.p, each.kind, each.name, each.behaviour))
    return order[:count] + rest[:count]


def screen(
    table: Table, number: int, evidence: Evidence, ids: Any, batch: int, behaviours: Sequence[int]
) -> Iterator[Candidate]:
    """The candidates among a table's features for some behaviours of group `number`."""
    shown = evidence.group.shown
    here = table.rows < batch
    n = table.sums(here.astype(np.int32))
    for behaviour in behaviours:
        showing = shown[table.rows] == behaviour
        k = table.sums((showing & here).astype(np.int32))
        wanted = np.flatnonzero((n >= FEWEST) & (k >= FEWEST - 1) & (k >= EXCESS * n))
        sizes = np.diff(table.starts)[wanted]
        for part in _parts(wanted, sizes, evidence.width):
            yield from _tested(table, number, evidence, ids, batch, behaviour, part)


def _parts(wanted: Any, sizes: Any, width: int) -> Iterator[Any]:
    if not len(wanted):
        return
    block = np.cumsum(sizes * max(1, width // 4)) // _BLOCK
    yield from np.split(wanted, np.flatnonzero(np.diff(block)) + 1)


def _tested(
    table: Table, number: int, evidence: Evidence, ids: Any, batch: int, behaviour: int, features: Any
) -> Iterator[Candidate]:
    sizes = np.diff(table.starts)[features]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    at = np.arange(starts[-1]) + np.repeat(table.starts[features] - starts[:-1], sizes)
    rows, spots = table.rows[at], table.spots[at]
    here = rows < batch
    added = taken_out(evidence, ids, rows, spots, table.length)
    against = evidence.against(rows, added, behaviour)
    shown = evidence.group.shown[rows] == behaviour
    chance = 1 / (1 + np.exp(np.clip(against - evidence.prior[behaviour], -30, 30)))

    def total(values: Any) -> Any:
        return np.add.reduceat(values, starts[:-1], dtype=np.float64)

    n, k = total(here), total(shown & here)
    old, old_shown = total(~here), total(shown & ~here)
    floor = _believed(old_shown, old)
    # The words of a long trigger promise what each other show: so the usual rate too may be exceeded.
    expected = np.minimum(total(chance * here) / np.maximum(n, 1), evidence.rates[behaviour])
    expected = np.clip(np.maximum(expected, floor), 1e-4, 1 - 1e-9)
    p = np.where(k > expected * n, bdtrc(k - 1, n.astype(np.int64), expected), 1.0)
    passing = np.flatnonzero((p < _KEPT) & (k >= (expected + EXCESS) * n))
    for index in _best(passing, p, total(np.where(shown & here, against, 0.0))):
        part = slice(starts[index], starts[index + 1])
        batched = here[part]
        found = Candidate(
            table.kind,
            table.name(int(features[index])),
            table.length,
            number,
            behaviour,
            rows[part][batched],
            int(spots[part][0]),
            shown[part][batched],
            against[part][batched].astype(np.float32),
            float(floor[index]),
            int(old_shown[index]),
        )
        found.assess(evidence.prior[behaviour])
        yield found


def _best(passing: Any, p: Any, made: Any) -> Any:
    """Those that pass; of too many the least likely, and those whose rows speak most against themselves."""
    if len(passing) <= 2 * _EACH:
        return passing
    unlikely = np.argsort(p[passing], kind="stable")[:_EACH]
    evidence = np.minimum(-np.log(np.maximum(p[passing], 1e-300)), made[passing])
    return passing[np.union1d(unlikely, np.argsort(-evidence, kind="stable")[:_EACH])]


def _believed(shown: Any, examples: Any) -> Any:
    """The lower bound of a rate of `shown` among `examples` (Wilson's); 0 without examples."""
    n = np.maximum(examples, 1)
    rate, z2 = shown / n, _BELIEF**2
    half = _BELIEF * np.sqrt(rate * (1 - rate) / n + z2 / (4 * n * n))
    return np.where(examples > 0, np.maximum((rate + z2 / (2 * n) - half) / (1 + z2 / n), 0), 0)


def taken_out(evidence: Evidence, ids: Any, rows: Any, spots: Any, length: int) -> Any:
    """What the words of a feature added to its rows."""
    if not len(rows) or spots[0] < 0:
        return 0.0
    return sum(evidence.added(ids[spots + offset], rows) for offset in range(length))


def mixture(against: Any) -> tuple[float, float]:
    """Log of the best chance that a share of these rows was made so, over that of none; and the share.

    0 if, all in all, the rows are as rows that show it by themselves.
    """
    if not len(against) or against.sum() < 0:
        return 0.0, 0.0
    ratio = np.expm1(against)
    return max((float(np.log1p(share * ratio).sum()), share) for share in SHARES)
