from __future__ import annotations

from collections.abc import Callable

from modelward.data.exchange.facts import Description


def test_steps_are_told_apart_by_what_they_made(described: Callable[[], Description]) -> None:
    dataset = described()
    assert [step.operation for step in dataset.own_steps()] == ["filter"]
    assert (dataset.first("licence"), dataset.first("notes")) == ("CC-BY-4.0", "")
    assert dataset.every("source") == ("https://example.org/sms",)
