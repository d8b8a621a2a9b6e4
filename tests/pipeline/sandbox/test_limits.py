"""Limits are read strictly."""

from __future__ import annotations

import resource

import pytest

from modelward.core.errors import UsageError
from modelward.pipeline.sandbox.limits import Limits


def test_amounts_have_units() -> None:
    limits = Limits.parse(["memory=16G", "time=2h", "cpu=90", "processes=200"])
    assert limits.amounts == {"memory": 16 << 30, "time": 7200, "cpu": 90, "processes": 200}
    assert limits.seconds == 7200
    assert limits.resources[resource.RLIMIT_AS] == 16 << 30


@pytest.mark.parametrize(
    "text", ["memory", "memory=", "memory=0", "memory=-1", "memory=1h", "time=1g", "time=1.5h"]
)
def test_odd_amount_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an amount"):
        Limits.parse([text])


def test_unknown_and_repeated_limits_are_refused() -> None:
    with pytest.raises(UsageError, match="no limit is called 'disk'"):
        Limits.parse(["disk=1g"])
    with pytest.raises(UsageError, match="given twice"):
        Limits.parse(["cpu=1", "cpu=2"])
