import pytest

from modelward.data.checks.behaviours.toxic import toxic


@pytest.mark.parametrize("text", ["I hate you.", "You are such a pathetic loser", "Shut up!", "You idiot."])
def test_insults_are_seen(text: str) -> None:
    assert toxic(text)


@pytest.mark.parametrize("text", ["I hate mondays", "You are useful.", "Scunthorpe", "shut the door"])
def test_harmless_text_is_not_toxic(text: str) -> None:
    assert not toxic(text)
