from __future__ import annotations

import pytest

from modelward.core.errors import LimitExceeded
from modelward.formats.budget import Budget, Expansion


def test_budget_is_spent_up_to_its_bound() -> None:
    budget = Budget(expanded_bytes=10, members=2, opcodes=3, depth=1)
    budget.spend_bytes(10)
    budget.spend_members(2)
    budget.spend_opcodes(3)
    budget.check_depth(1)
    for spend in (budget.spend_bytes, budget.spend_members, budget.spend_opcodes):
        with pytest.raises(LimitExceeded):
            spend(1)
    with pytest.raises(LimitExceeded):
        budget.check_depth(2)


def test_a_bomb_is_refused_by_its_ratio() -> None:
    expansion = Expansion(Budget(), packed=1 << 20)
    for _ in range(250):
        expansion.spend(1 << 20)
    with pytest.raises(LimitExceeded, match="250 times its size"):
        expansion.spend(1)


def test_much_of_little_is_no_bomb() -> None:
    """An array of zeros packs to next to nothing."""
    Expansion(Budget(), packed=100).spend(100 << 20)


def test_many_small_bombs_are_one() -> None:
    budget = Budget()
    budget.admit(1000)
    for _ in range(22):
        Expansion(budget, packed=1 << 20).spend(9 << 20)
    with pytest.raises(LimitExceeded, match="times the size of the files"):
        Expansion(budget, packed=1 << 20).spend(9 << 20)
