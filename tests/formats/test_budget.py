from __future__ import annotations

import pytest

from modelward.core.errors import LimitExceeded
from modelward.formats.budget import Budget


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
