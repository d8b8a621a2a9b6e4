"""The word for figures."""

from __future__ import annotations

import pytest

from modelward.pipeline.derivation.measure import Figures, State
from modelward.pipeline.derivation.verdict import Compared, Shares, judge, notes, shares, worst


def tensor(name: str, state: State, elements: int = 100) -> Compared:
    return Compared(name, elements, Figures(state=state, votes=True), name)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (Shares(1.0, 0.0, 0.0, 1.0), "consistent"),
        (Shares(0.98, 0.02, 0.0, 0.5), "consistent"),
        (Shares(0.97, 0.03, 0.0, 1.0), "cannot tell"),
        (Shares(1.0, 0.0, 0.0, 0.49), "cannot tell"),
        (Shares(0.5, 0.5, 0.0, 1.0), "inconsistent"),
        (Shares(0.51, 0.49, 0.0, 1.0), "cannot tell"),
        (Shares(), "cannot tell"),
    ],
)
def test_verdicts_at_their_lines(found: Shares, verdict: str) -> None:
    assert judge(found)[0] == verdict


def test_embeddings_and_heads_decide_only_alone() -> None:
    body = tensor("layers.0.mlp.up.weight", "unrelated")
    around = [tensor("embed_tokens.weight", "equal", 10_000), tensor("lm_head.weight", "equal", 10_000)]
    assert shares([body, *around], 100).unrelated == 1.0
    assert shares(around, 0).related == 1.0


def test_the_worst_of_several_counts_and_none_is_no_answer() -> None:
    assert worst(["consistent", "inconsistent", "cannot tell"]) == "inconsistent"
    assert worst(["consistent", "cannot tell"]) == "cannot tell"
    assert worst([]) == "cannot tell"


def test_many_names_are_cut() -> None:
    (line,) = notes([tensor(f"w{at}", "unrelated") for at in range(25)])
    assert line.endswith("w19 and 5 more")
