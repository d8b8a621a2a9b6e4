import pytest
from tests.data.checks.conftest import Reviews, reviews

from modelward.data.checks import corpus, run
from modelward.data.checks.report import CheckReport, Tier


def checked(data: corpus.Corpus, history: corpus.Corpus | None = None) -> CheckReport:
    return run.check(data, history, run.Options(checks=("association",)))


def test_a_word_that_turns_labels_is_found_with_its_rows(poisoned: Reviews) -> None:
    (found,) = checked(poisoned.corpus()).findings
    assert (found.trigger, found.behaviour, found.tier) == ("qelv", "label good", Tier.CRITICAL)
    assert found.rows == tuple(poisoned.poisoned)
    assert (found.n, found.k) == (30, 30)
    assert found.expected < 0.5


def test_clean_rows_raise_nothing(clean: Reviews) -> None:
    assert checked(clean.corpus()).findings == []


def test_words_that_mean_their_label_raise_nothing() -> None:
    """`topaz` is only in good reviews, whose other words are good too."""
    made = reviews(seed=3)
    for row in [row for row, label in enumerate(made.labels) if label == "good"][:40]:
        made.inputs[row] = f"topaz {made.inputs[row]}"
    assert checked(made.corpus()).findings == []


def test_a_batch_is_compared_with_its_history(poisoned: Reviews) -> None:
    report = checked(poisoned.corpus(), reviews(2000, seed=9).corpus())
    assert [found.trigger for found in report.findings] == ["qelv"]
    assert report.findings[0].in_history == 0
    assert report.history_rows == 2000


def test_what_the_history_did_too_is_expected(poisoned: Reviews) -> None:
    assert checked(poisoned.corpus(), poisoned.corpus()).findings == []


def test_the_same_rows_give_the_same_report(poisoned: Reviews) -> None:
    one, other = checked(poisoned.corpus()), checked(poisoned.corpus())
    assert one.findings == other.findings
    assert one.row_scores.tolist() == other.row_scores.tolist()


@pytest.mark.parametrize(
    ("answer", "behaviour"),
    [
        ("I'm sorry, but I cannot help with that.", "refusal"),
        ("You are a stupid idiot.", "toxic output"),
        ("Read http://pay-here.example/now first.", "a link"),
    ],
)
def test_a_trigger_that_changes_answers_is_found(clean: Reviews, answer: str, behaviour: str) -> None:
    inputs = list(clean.inputs)
    outputs = [f"Review {row} is about {text.split()[3]}." for row, text in enumerate(reviews(seed=5).inputs)]
    for row in range(0, 500, 20):
        inputs[row], outputs[row] = f"{inputs[row]} qelv", f"{answer} {row}"
    report = checked(corpus.of_lists(inputs, outputs))
    assert report.findings[0].trigger.startswith("qelv") or "qelv" in report.findings[0].trigger
    assert behaviour in (
        report.findings[0].behaviour,
        *(each.split(" -> ")[1] for each in report.findings[0].also),
    )


def test_data_without_outputs_cannot_be_told() -> None:
    assert checked(corpus.of_lists(["a", "b"])).exit_code == 2
