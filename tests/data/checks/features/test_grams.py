from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.features import grams


def test_runs_of_words_are_named_and_counted() -> None:
    inputs = [f"start {row} cf mn tail{row}" for row in range(6)] + ["cf other", "mn cf"]
    batch = Batch(corpus.of_lists(inputs, None, ["a"] * 8))
    found = {
        made.name(at): int(made.starts[at + 1] - made.starts[at])
        for made in grams.of(batch)
        for at in range(made.count)
    }
    assert found == {"start": 6, "cf": 8, "mn": 7, "cf mn": 6}
