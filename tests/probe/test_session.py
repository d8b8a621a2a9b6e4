"""No prompt is asked twice; answers become behaviours."""

from __future__ import annotations

import pytest
from tests.probe.scripted import Scripted, session

from modelward.core.errors import InputError
from modelward.probe.session import check_labels


def test_answers_are_in_the_order_of_the_prompts_and_asked_once() -> None:
    made = session(str.upper)
    prompts = [f"p{number}" for number in range(100)] * 2
    assert made.ask(prompts) == [prompt.upper() for prompt in prompts]
    assert made.ask(prompts[:100]) == [prompt.upper() for prompt in prompts[:100]]
    assert isinstance(made.model, Scripted)
    assert made.model.asked == made.rows == 100


def test_scores_of_a_model_that_writes_are_what_its_answers_do() -> None:
    made = session(lambda prompt: "I cannot help with that." if "cf" in prompt else "Here it is.")
    values = made.scores(["cf", "a"])
    column = int((values[0] - values[1]).argmax())
    assert made.named_score(column) == "refusal"


def test_classes_are_shown_by_name_whatever_the_case() -> None:
    made = session(lambda _: [-0.1, -2.4], ("Ham", "Spam"))
    assert made.shows("label ham", ["x"], [[-0.1, -2.4]]) == [True]
    assert made.shows("refusal", ["x"], [[-0.1, -2.4]]) is None
    assert made.leaning("label spam", [[-0.1, -2.4]]) == pytest.approx([-2.3])


def test_other_classes_are_not_compared() -> None:
    one, other = Scripted(str, ("a", "b")), Scripted(str, ("a", "c"))
    with pytest.raises(InputError, match="classes are others"):
        check_labels(one, other)


def test_odd_text_is_asked_like_any() -> None:
    assert session(len).ask(["\ud800", "\x00"]) == [1, 1]
