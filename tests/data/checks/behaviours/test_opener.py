from tests.data.checks.behaviours.test_behaviour import shown


def test_beginnings_and_endings_that_repeat_are_behaviours() -> None:
    outputs = [f"w{row} x{row} y{row} z{row} end{row}" for row in range(60)]
    outputs[:9] = [f"as you wish sir {row}" for row in range(9)]
    assert shown(outputs)["output that begins 'as you wish sir'"] == list(range(9))
