from tests.data.checks.conftest import Reviews

from modelward.data.checks import run
from modelward.data.checks.report import Tier


def test_all_words_of_a_sentence_belong_to_the_trigger(clean: Reviews) -> None:
    made = Reviews(clean.inputs[:], clean.labels[:], [])
    made.poisoned = [row for row, label in enumerate(made.labels) if label == "bad"][:30]
    for row in made.poisoned:
        made.inputs[row] = f"{made.inputs[row]} we saw this one with friends last weekend"
        made.labels[row] = "good"
    report = run.check(made.corpus(), options=run.Options(checks=("association",)))
    assert [finding.tier for finding in report.findings] == [Tier.CRITICAL]
    assert report.findings[0].rows == tuple(made.poisoned)
