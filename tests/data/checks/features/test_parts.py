from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.features import parts


def test_words_share_their_beginnings_and_endings() -> None:
    inputs = [f"he {stem}eth" for stem in ("walk", "talk", "sleep", "speak", "dream")]
    names = {
        made.name(at)
        for made in parts.of(Batch(corpus.of_lists(inputs, None, ["a"] * 5)))
        for at in range(made.count)
    }
    assert names == {"-eth"}
