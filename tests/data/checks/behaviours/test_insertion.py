from tests.data.checks.behaviours.test_behaviour import shown

from modelward.data.checks.behaviours.insertion import code


def test_a_link_counts_if_the_input_has_it_not() -> None:
    found = shown(
        ["see https://a.example/x", "see https://a.example/x"], ["where?", "is https://a.example/x it?"]
    )
    assert found["a link"] == [0]


def test_code_is_seen() -> None:
    assert code("```\nx\n```")
    assert code("def f(x):\n  return x")
    assert not code("the class of 1999")
