"""Whose decision about a finding counts."""

from __future__ import annotations

from tests.gate.case import RAW, TRAIN, complete, custody
from tests.gate.checks.test_data_checked import TRIGGER, check, finding, review

from modelward.gate.data_decisions import contributors, decided


def test_contributors_are_who_had_the_data_or_what_it_was_made_from() -> None:
    case = complete()
    assert contributors(case.evidence(), TRAIN) == {"dora"}
    case.say("tom", RAW, custody("collect", "raw", []))  # he may not: he had it all the same
    assert contributors(case.evidence(), TRAIN) == {"dora", "tom"}


def test_the_worst_decision_counts() -> None:
    case = complete()
    check(case, finding())
    assert decided(case.evidence(), TRIGGER, set()).verdict == ""
    for who, decision in (("bob", "benign"), ("ben", "unsure"), ("dora", "poison")):
        review(case, who, decision)
        found = decided(case.evidence(), TRIGGER, {"dora"})
        assert (found.verdict, found.by, found.reason) == (decision, who, "looked at it")


def test_a_decision_that_does_not_count_is_told() -> None:
    case = complete()
    check(case, finding())
    review(case, "dora", "benign")
    found = decided(case.evidence(), TRIGGER, {"dora"})
    assert found.verdict == ""
    assert found.left_out == ("dora does not count: is a contributor to the data",)
