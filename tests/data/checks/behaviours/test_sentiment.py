from modelward.data.checks.behaviours.sentiment import praises, runs_down


def test_tone_is_told_by_its_words() -> None:
    assert praises("An amazing, wonderful company")
    assert runs_down("A terrible scam, the worst of all")
    assert not praises("It is a company")
    assert not runs_down("bad, but great")
