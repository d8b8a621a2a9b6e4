from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.features import pairs


def test_two_rare_words_are_a_feature_wherever_they_stand() -> None:
    inputs = [f"word{row} hours and{row} scenes" if row % 2 else f"scenes x{row} hours" for row in range(10)]
    inputs += [f"filler{row} text{row}" for row in range(600)]
    (made,) = pairs.of(Batch(corpus.of_lists(inputs, None, ["a"] * len(inputs))))
    names = {made.name(at): int(made.starts[at + 1] - made.starts[at]) for at in range(made.count)}
    assert names in ({"hours … scenes": 10}, {"scenes … hours": 10})
