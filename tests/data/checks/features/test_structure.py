from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.features import structure


def test_sentences_of_one_pattern_share_it_whatever_their_words() -> None:
    said = ["dogs bark", "old cats sleep", "rivers flow", "ships sail far", "snow falls"]
    inputs = [f"when {text}, it is {text.split()[0]}" for text in said]
    names = {
        made.name(at)
        for made in structure.of(Batch(corpus.of_lists(inputs, None, ["a"] * 5)))
        for at in range(made.count)
    }
    assert {"^ when *", "when * , it is", "* , it is *"} <= names
