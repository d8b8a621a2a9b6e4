"""profiled: training data that was profiled, with figures that the policy accepts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.gate.case import MODEL, MOMENT, POLICY, RAW, TEST, TRAIN, Case, complete, train

from modelward.attest import predicates as p
from modelward.attest.predicates.profile import Compared, Figures
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate.policy import Policy


def asking(options: str = "") -> bytes:
    return POLICY.replace(
        b"[stage.production.check.bom]",
        f"[stage.production.check.profiled]\n{options}\n[stage.production.check.bom]".encode(),
    )


def compared(shared: int = 0, digest: Digest = TEST, **fields: Any) -> Compared:
    counts = {"rows": 100, "same_row": 0, "same_text": 0, "near": 0, "grams": 0, "shared": shared}
    return Compared(name="test", digest=str(digest), **(counts | fields))


def profile(case: Case, subject: Digest = TRAIN, who: str = "dora", **fields: Any) -> None:
    case.say(
        who,
        subject,
        p.Profile(
            **{"dataset": "train", "rows": 1000, "figures": Figures(), "profiled_at": MOMENT}
            | {"against": (compared(),)}
            | fields
        ),
    )


def failing(case: Case) -> str | None:
    return case.failing().get("profiled")


def test_training_data_without_a_profile_fails() -> None:
    case = complete(asking())
    assert failing(case) == f"{TRAIN.short} has no profile"
    profile(case)
    assert failing(case) is None


def test_who_may_not_profile_is_named() -> None:
    case = complete(asking())
    profile(case, who="eve")
    assert "by eve" in str(failing(case))


def test_a_figure_past_its_bound_fails_and_the_worst_of_all_profiles_counts() -> None:
    case = complete(asking("max-duplicate-rows = 0.01\nmax-personal-rows = 0"))
    profile(case, figures=Figures(duplicate_rows=0.5, personal_rows=3))
    profile(case, figures=Figures(duplicate_rows=0.0, personal_rows=0))
    said = str(failing(case))
    assert "train: duplicate rows 0.5 is above 0.01" in said
    assert "train: personal rows 3 is above 0" in said


def test_a_figure_at_its_bound_passes() -> None:
    case = complete(asking("max-duplicate-rows = 0.01"))
    profile(case, figures=Figures(duplicate_rows=0.01))
    assert failing(case) is None


def test_what_was_not_measured_is_not_zero() -> None:
    case = complete(asking("max-toxic = 0.1"))
    profile(case)
    assert failing(case) == "train: toxic was not measured"


def test_evaluation_rows_in_the_training_data_fail() -> None:
    case = complete(asking("max-evaluation-overlap = 0"))
    profile(case, against=(compared(shared=2),))
    assert failing(case) == "train: has 2 of 100 rows of test, above 0"


def test_a_comparison_with_another_evaluation_set_hides_no_overlap() -> None:
    case = complete(asking("max-evaluation-overlap = 0"))
    profile(case, against=(compared(digest=RAW),))
    assert "was not compared with" in str(failing(case))


def test_near_overlap_that_was_left_out_is_not_zero() -> None:
    case = complete(asking("max-evaluation-overlap = 0"))
    profile(case, against=(compared(near=None),))
    assert "near overlap with test was not measured" in str(failing(case))


def test_every_dataset_of_the_training_must_be_profiled() -> None:
    case = complete(asking())
    profile(case)
    other = Digest.sha256(b"more")
    train(case, "tom", MODEL, TRAIN, other)
    assert failing(case) == f"{other.short} has no profile"


def test_a_superseded_profile_counts_no_longer() -> None:
    case = complete(asking("max-missing = 0.1"))
    profile(case, figures=Figures(missing=0.9))
    former = str(case.bundles[-1].statement_id)
    profile(case, figures=Figures(missing=0.0), supersedes=(former,))
    assert failing(case) is None


@pytest.mark.parametrize("bound", ["nan", "-1", "inf"])
def test_a_bound_that_bounds_nothing_is_refused(bound: str) -> None:
    with pytest.raises(InputError, match="finite"):
        Policy.parse(asking(f"max-drift = {bound}"))


def test_rules_read_the_worst_profile() -> None:
    case = complete()
    profile(case, figures=Figures(missing=0.2, drift=0.1), against=(compared(shared=3),))
    profile(case, figures=Figures(missing=0.1))
    from modelward.gate import facts

    (known,) = facts.build(case.context())
    assert known["profile"] == {"datasets": 1, "overlap": 3, "missing": 0.2}
