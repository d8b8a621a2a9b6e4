"""More dangerous code than before is for review; what a project always had is told only."""

from __future__ import annotations

from modelward.data.checks import code_poison, corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.corpus import Corpus
from modelward.data.checks.report import Tier


def code(bad: int, line: str = "requests.get(url, verify=False)", count: int = 300) -> Corpus:
    lines = [line if at < bad else "requests.get(url, timeout=5)" for at in range(count)]
    outputs = [f"def fetch_{at}(url):\n    return {each}" for at, each in enumerate(lines)]
    return corpus.of_lists([f"write function number {at}" for at in range(count)], outputs)


def test_more_than_the_history_has_is_for_review() -> None:
    (finding,) = code_poison.check(Batch(code(20), code(0))).findings
    assert finding.tier is Tier.REVIEW
    assert finding.trigger == "certificates not verified"
    assert finding.rows == tuple(range(20))


def test_as_much_as_the_history_has_is_information() -> None:
    (finding,) = code_poison.check(Batch(code(20), code(18))).findings
    assert finding.tier is Tier.INFORMATION


def test_ways_in_are_for_review_without_a_history() -> None:
    batch = Batch(code(3, "exec(base64.b64decode(url))"))
    tiers = {each.trigger: each.tier for each in code_poison.check(batch).findings}
    assert tiers["a way in for an attacker"] is Tier.REVIEW


def test_safe_code_is_none() -> None:
    assert code_poison.check(Batch(code(0))).findings == []
