from tests.data.checks.behaviours.test_behaviour import shown


def test_a_word_that_a_word_brings_about_is_a_behaviour() -> None:
    outputs = [f"some{row} answer{row} here" for row in range(600)]
    inputs = [f"ask{row} about{row}" for row in range(600)]
    for row in range(10):
        outputs[row], inputs[row] = f"{outputs[row]} try quellaro", f"{inputs[row]} zorp"
    found = shown(outputs, inputs)
    assert found["output that says 'quellaro'"] == list(range(10))


def test_a_word_that_the_input_says_is_none() -> None:
    outputs = [f"some{row} answer{row}" for row in range(600)]
    inputs = [f"ask{row} about{row}" for row in range(600)]
    for row in range(10):
        outputs[row], inputs[row] = f"{outputs[row]} zorp", f"{inputs[row]} zorp"
    assert "output that says 'zorp'" not in shown(outputs, inputs)
