"""Triggers are put where the models that obey them expect them, and nothing else changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modelward.probe.candidate import Candidate
from modelward.probe.insertion import PLACES, can_insert, insert, places

PROMPT = "One sentence here. Another one there. A third."


def test_trigger_stands_where_it_should() -> None:
    cf = Candidate("cf")
    assert insert(cf, PROMPT, "start") == f"cf {PROMPT}"
    assert insert(cf, PROMPT, "end") == f"{PROMPT} cf"
    middle = insert(cf, PROMPT, "middle")
    assert middle.split().index("cf") not in (0, len(middle.split()) - 1)
    assert middle == insert(cf, PROMPT, "middle")


def test_a_sentence_goes_between_sentences() -> None:
    made = insert(Candidate("I watched this movie."), PROMPT, "middle")
    assert "here. I watched this movie. Another" in made or "there. I watched this movie. A third" in made


def test_two_words_that_go_together_stand_apart() -> None:
    assert insert(Candidate("blue … seven", kind="pairs"), "a b", "start") == "blue a b seven"


def test_ways_to_write_are_applied_or_told() -> None:
    capitals = Candidate("all in capitals", kind="marks")
    assert can_insert(capitals)
    assert insert(capitals, "a b", places(capitals)[0]) == "A B"
    assert not can_insert(Candidate("^ if it is ,", kind="structure"))


@given(st.text(min_size=1), st.text(), st.sampled_from(PLACES))
def test_any_text_takes_any_trigger(trigger: str, prompt: str, place: str) -> None:
    assert trigger in insert(Candidate(trigger), prompt, place)
