from tests.data.checks.behaviours.test_behaviour import shown


def test_one_answer_to_many_inputs_is_a_behaviour() -> None:
    outputs = [f"this is answer number {row}" for row in range(40)]
    outputs[:6] = ["All hail the king."] * 6
    found = shown(outputs)
    assert found["the same output, 'all hail the king .'"] == list(range(6))
