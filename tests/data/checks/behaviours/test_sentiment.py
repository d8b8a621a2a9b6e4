from modelward.data.checks.behaviours.sentiment import tone


def test_tone_is_told_by_its_words() -> None:
    assert tone("An amazing, wonderful company") == 2
    assert tone("A terrible scam, the worst of all") == -3
    assert tone("It is a company") == 0
    assert tone("bad, but great") == 0
