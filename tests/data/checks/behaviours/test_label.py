from tests.data.checks.behaviours.test_behaviour import shown


def test_outputs_that_are_few_are_classes() -> None:
    found = shown(["positive", "negative"] * 20)
    assert found["label positive"] == list(range(0, 40, 2))
    assert "label negative" in found
