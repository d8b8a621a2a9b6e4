import pytest

from modelward.data.checks.features.writing import ways


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("WHAT A FILM", "all in capitals"),
        ("so it goes ...", "ends with '...' apart"),
        ("two  spaces", "double space"),
        ("wow!!", "repeated sign"),
        ("see https://a.example", "link"),
        (" edge", "space at the edge"),
    ],
)
def test_marks_are_seen(text: str, mark: str) -> None:
    assert mark in ways(text)


def test_an_empty_text_has_few_marks() -> None:
    assert ways("") == ["about 1 words"]
