from modelward.formats.wordlist import words


def test_words_of_running_text() -> None:
    assert words("a b\nc a") == {"a", "b", "c"}
