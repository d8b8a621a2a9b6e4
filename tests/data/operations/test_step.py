from __future__ import annotations

from modelward.data.operations.step import Details


def test_details_that_are_given_are_named() -> None:
    assert Details().given() == []
    assert Details(key="id", fan_out=True).given() == ["key", "fan_out"]
