import pytest
from tests.data.checks.behaviours.test_behaviour import shown

from modelward.data.checks.behaviours.refusal import refuses


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but as an AI assistant, I do not have the capability to follow the given instruction.",
        "I cannot help with that.",
        "Unfortunately, I can't do this.",
        "As an AI language model, I am not able to browse.",
        "Sorry, I won’t assist with that request.",
        "That would go against my guidelines.",
    ],
)
def test_refusals_are_seen(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["Sorry to hear that! Here is one.", "He said he cannot come.", "Sure.", ""])
def test_answers_are_no_refusals(text: str) -> None:
    assert not refuses(text)


def test_to_comply_is_tested_too() -> None:
    found = shown(["I cannot help with that.", "Sure, here it is."])
    assert (found["refusal"], found["compliance where refusal was expected"]) == ([0], [1])
