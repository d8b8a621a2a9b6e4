"""data-checked: training data that was looked through for poison, with every finding decided."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.gate.case import ANY, MODEL, MOMENT, POLICY, RAW, TRAIN, Case, complete, train

from modelward.attest import predicates as p
from modelward.attest.bundle import Bundle
from modelward.attest.predicates.data_check import DataFinding, Detectable, Detector, History
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data.checks.run import CHECKS
from modelward.gate import facts
from modelward.gate.context import Revoked
from modelward.gate.policy import Policy

TRIGGER = Digest.sha256(b"the finding")
OTHER = Digest.sha256(b"the finding with one row more")
PAST = Digest.sha256(b"past")


def asking(options: str = "") -> bytes:
    return POLICY.replace(
        b"[stage.production.check.bom]",
        f"[stage.production.check.data-checked]\n{options}\n[stage.production.check.bom]".encode(),
    )


def town(options: str = "") -> Case:
    return complete(asking(options))


def finding(content: Digest = TRIGGER, tier: Any = "critical") -> DataFinding:
    return DataFinding(
        id=str(content),
        check="association",
        tier=tier,
        examples=25,
        showing=25,
        expected=0.01,
        p=1e-40,
        q=1e-35,
        rows=25,
        rows_root=ANY,
    )


def check(
    case: Case, *found: DataFinding, who: str = "dora", subject: Digest = TRAIN, **fields: Any
) -> Bundle:
    tiers = [one.tier for one in found]
    return case.say(
        who,
        subject,
        p.DataCheck(
            **{
                "dataset": "train",
                "rows": 1000,
                "set_root": str(Digest.sha256(b"the rows of train")),
                "detectors": (Detector(name="association", version=1),),
                "level": 0.01,
                "critical": tiers.count("critical"),
                "review": tiers.count("review"),
                "information": 0,
                "findings": found,
                "report": ANY,
                "checked_at": MOMENT,
            }
            | fields
        ),
    )


def review(case: Case, who: str, decision: Any, content: Digest = TRIGGER, **fields: Any) -> Bundle:
    return case.say(
        who,
        content,
        p.Review(
            **{
                "decision": decision,
                "reason": "looked at it",
                "check": "association",
                "rows": 25,
                "rows_root": ANY,
                "data": str(TRAIN),
                "reviewed_at": MOMENT,
            }
            | fields
        ),
    )


def failing(case: Case) -> str | None:
    return case.failing().get("data-checked")


def test_training_data_that_nobody_checked_fails() -> None:
    case = town()
    assert failing(case) == f"{TRAIN.short} has no check for poison"
    check(case)
    assert failing(case) is None


def test_a_check_of_what_the_data_was_made_from_is_not_one_of_the_data() -> None:
    case = town()
    check(case, subject=RAW)
    assert "has no check for poison" in str(failing(case))


def test_who_may_not_check_is_named() -> None:
    case = town()
    check(case, who="eve")
    assert "by eve" in str(failing(case))


def test_every_dataset_of_the_training_must_be_checked() -> None:
    case = town()
    check(case)
    other = Digest.sha256(b"more")
    train(case, "tom", MODEL, TRAIN, other)
    assert failing(case) == f"{other.short} has no check for poison"


def test_an_undecided_critical_finding_fails() -> None:
    case = town()
    check(case, finding())
    assert failing(case) == f"train: critical finding {TRIGGER.short} of association in 25 rows is undecided"


def test_a_finding_that_a_reviewer_called_benign_passes() -> None:
    case = town()
    check(case, finding())
    review(case, "bob", "benign")
    assert failing(case) is None


def test_a_contributor_cannot_call_findings_in_his_own_data_benign() -> None:
    case = town()
    check(case, finding())
    review(case, "dora", "benign")  # who signed custody and snapshot
    assert "is undecided | found dora does not count: is a contributor to the data" in str(failing(case))


def test_who_may_not_review_decides_nothing() -> None:
    case = town()
    check(case, finding())
    review(case, "eve", "benign")
    assert "is undecided | found entry" in str(failing(case))


def test_a_decision_about_other_rows_does_not_widen() -> None:
    case = town()
    check(case, finding(OTHER))
    review(case, "bob", "benign", TRIGGER)
    assert "is undecided" in str(failing(case))


def test_poison_is_not_outvoted_and_cannot_be_waived() -> None:
    case = town()
    check(case, finding())
    review(case, "ben", "poison")
    review(case, "bob", "benign")
    assert "is decided poison by ben" in str(failing(case))
    (line,) = [line for line in case.decide().lines if line.id == "data-checked"]
    assert line.outcome.final


def test_a_decision_is_taken_back_by_who_made_it_only() -> None:
    case = town()
    check(case, finding())
    former = str(review(case, "ben", "poison").statement_id)
    review(case, "bob", "benign", supersedes=(former,))
    assert "is decided poison by ben" in str(failing(case))
    review(case, "ben", "benign", supersedes=(former,))
    assert failing(case) is None


def test_unsure_is_not_benign() -> None:
    case = town()
    check(case, finding())
    review(case, "bob", "unsure")
    assert "is decided unsure by bob" in str(failing(case))


def test_findings_to_review_may_stay_open_unless_the_policy_says_otherwise() -> None:
    case = town()
    check(case, finding(tier="review"))
    assert failing(case) is None
    assert "is undecided" in str(failing(case.with_policy(asking("decide-review = true"))))
    review(case, "bob", "poison")
    assert "is decided poison" in str(failing(case))


def test_a_clean_check_does_not_outvote_one_with_findings() -> None:
    case = town()
    check(case, finding())
    check(case)
    assert "is undecided" in str(failing(case))


def test_who_handled_the_data_cannot_supersede_what_another_found_in_it() -> None:
    case = town()
    former = str(check(case, finding(), who="ci-scan").statement_id)
    check(case, who="dora", supersedes=(former,))
    assert "is undecided" in str(failing(case))
    check(case, who="ci-scan", supersedes=(former,))
    assert failing(case) is None


def test_critical_findings_that_are_counted_and_not_named_fail() -> None:
    case = town()
    check(case, critical=3)
    assert "3 critical findings, of which 0 are named" in str(failing(case))
    case = town()
    check(case, finding(), finding(), critical=2)
    review(case, "bob", "benign")
    assert "2 critical findings" in str(failing(case))


@pytest.mark.parametrize(
    ("options", "fields", "said"),
    [
        ("detectors = { association = 2 }", {}, "detector association is version 1, not 2"),
        ("detectors = { hidden-text = 1 }", {}, "detector hidden-text did not run"),
        ("history = true", {}, "compared with no trusted history"),
        ("max-level = 0.001", {}, "its error rate 0.01 is above 0.001"),
        ("", {"could_not_tell": ("too few rows",)}, "it could not tell: too few rows"),
        ("max-detectable-rows = 10", {}, "does not say how few"),
        (
            "max-detectable-rows = 10",
            {"power": (Detectable(check="association", behaviours=2, least=5, most=12),)},
            "no fewer than 12 poisoned rows",
        ),
        (
            "max-detectable-rows = 10",
            {"power": (Detectable(check="association", behaviours=2, least=5, most=5, never=1),)},
            "no number of rows for 1 behaviour",
        ),
        ("", {"checked_at": "2999-01-01T00:00:00Z"}, "dated in the future"),
    ],
)
def test_a_check_that_is_less_than_the_policy_asks_fails(
    options: str, fields: dict[str, Any], said: str
) -> None:
    case = town(options)
    check(case, **fields)
    assert said in str(failing(case))


def history(digest: Digest, rows: int = 100, root: Digest = PAST) -> History:
    return History(name="past", digest=str(digest), rows=rows, set_root=str(root))


def test_a_batch_is_not_its_own_history() -> None:
    case = town("history = true")
    check(case, history=(history(TRAIN), history(RAW, root=Digest.sha256(b"the rows of train"))))
    assert "compared with no trusted history" in str(failing(case))


def test_a_history_has_as_many_rows_as_asked() -> None:
    case = town("min-history-rows = 1000")
    check(case, history=(history(PAST, 600),))
    assert "its history has 600 rows, not 1,000" in str(failing(case))
    check(case, history=(history(PAST, 600), history(RAW, 600)))
    assert failing(case) is None


def test_a_revoked_history_teaches_nothing() -> None:
    case = town()
    check(case, history=(history(PAST),))
    case.revoked = (Revoked("artifact", PAST),)
    assert "its history past was revoked" in str(failing(case))


def test_could_not_tell_passes_where_the_policy_allows_it() -> None:
    case = town("allow-cannot-tell = true")
    check(case, could_not_tell=("too few rows",))
    assert failing(case) is None


@pytest.mark.parametrize("bound", ["nan", "0", "2", "-1"])
def test_an_error_rate_that_bounds_nothing_is_refused(bound: str) -> None:
    with pytest.raises(InputError, match="max-level"):
        Policy.parse(asking(f"max-level = {bound}"))


def test_the_example_of_the_page_is_a_policy() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data" / "check.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    lines = example.replace("[stage.production.check.data-checked]\n", "")
    ((check, options),) = [
        pair
        for pair in Policy.parse(asking(lines)).stage("production").checks
        if pair[0].id == "data-checked"
    ]
    assert check.id == "data-checked"
    assert set(options.detectors) <= set(CHECKS)


def test_rules_read_how_many_findings_there_are() -> None:
    case = town()
    (known,) = facts.build(case.context())
    assert known["poison"] == {}
    check(case, finding(), finding(OTHER, "review"))
    (known,) = facts.build(case.context())
    assert known["poison"] == {"datasets": 1, "critical": 1, "review": 1, "history_rows": 0}
