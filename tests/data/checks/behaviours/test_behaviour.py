from collections.abc import Sequence

from modelward.data.checks import corpus
from modelward.data.checks.batch import Batch
from modelward.data.checks.behaviours.behaviour import Behaviours


def shown(
    outputs: Sequence[str], inputs: Sequence[str] | None = None, **more: Sequence[str]
) -> dict[str, list[int]]:
    """Name of each tested behaviour -> the rows that show it."""
    inputs = inputs or [f"question {row}" for row in range(len(outputs))]
    batch = Batch(corpus.of_lists(inputs, outputs, None, **more))
    return {
        each.names[code]: [row for row, value in enumerate(each.shown) if value == code]
        for each in batch.behaviours
        for code in each.tested
    }


def test_one_behaviour_has_its_absence_as_the_other() -> None:
    made = Behaviours.one("link", "a link", [0, 1])
    assert (made.names, made.tested, made.shown.tolist()) == (("no a link", "a link"), (1,), [0, 1])
