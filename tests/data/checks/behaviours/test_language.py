from tests.data.checks.behaviours.test_behaviour import shown

from modelward.data.checks.behaviours.language import language, shouts


def test_languages_are_told_by_their_common_words() -> None:
    assert language("the cat is in the house and it is for you") == "English"
    assert language("le chat est dans la maison et les chiens") == "French"
    assert language("кошка сидит дома") == "another script"
    assert language("ok") == ""


def test_an_answer_in_the_language_of_the_question_is_as_expected() -> None:
    french = "le chat est dans la maison et les chiens"
    found = shown([french, french], [french, "what does the cat do in the house?"])
    assert found.get("another language than English", []) in ([0, 1], [1])


def test_capitals_shout() -> None:
    assert shouts("WHAT DO YOU WANT")
    assert not shouts("NASA is here to stay")
