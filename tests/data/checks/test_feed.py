"""The state of a feed: what batches add up to, and files that lie about it."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data.checks import feed
from modelward.data.checks.feed import Feed


def _fed(state: Feed, seed: int, rates: list[float], rows: int = 4000) -> Feed:
    rng = np.random.default_rng(seed)
    whose = rng.integers(0, len(rates), rows)
    chance = rng.uniform(0.05, 0.3, rows)
    odds = chance / (1 - chance) * np.exp(np.array(rates)[whose])
    shown = rng.random(rows) < odds / (1 + odds)
    state.add("toxic", whose, [f"c{each}" for each in range(len(rates))], shown, chance)
    state.batches += 1
    return state


def test_two_batches_are_as_one() -> None:
    twice = _fed(feed.read(_fed(Feed(), 1, [0.0] * 20).to_bytes()), 2, [0.0] * 20)
    _, channel, _, _ = next(iter(twice.evidence()))
    assert channel.n.sum() == 8000
    assert feed.read(twice.to_bytes()).to_bytes() == twice.to_bytes()


def test_evidence_is_against_the_one_who_raises_the_odds() -> None:
    _, _, against, spread = next(iter(_fed(Feed(), 3, [0.0] * 19 + [2.0]).evidence()))
    assert against[19] > 20
    assert against[:19].max() < 0
    assert spread <= 0.25


def test_where_honest_contributors_differ_much_none_stands_out() -> None:
    rates = np.random.default_rng(4).normal(0, 1.0, 40).tolist()
    _, _, against, spread = next(iter(_fed(Feed(), 5, rates, 8000).evidence()))
    assert spread >= 0.6
    assert against.max() < 8


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"contributors": ["c", "c"]},
        {"channels": {"x": [[0, 5, 3, 2]]}},
        {"channels": {"x": [[7, 0, 3, 2]]}},
        {"channels": {"x": [[0, 0, 3, 2], [0, 0, 3, 2]]}},
        {"channels": {"x": [[0, 0, 99, 2]]}},
        {"channels": {"x": [[0, 0, 3]]}},
        {"channels": {"x": [[]]}},
        {"batches": -1},
        {"more": 1},
    ],
)
def test_a_state_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    good = {"version": 1, "batches": 1, "contributors": ["c"], "channels": {"x": [[0, 1, 3, 2]]}}
    feed.read(json.dumps(good).encode())
    with pytest.raises(InputError):
        feed.read(json.dumps(good | change).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_state_or_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        feed.read(data)
