"""The evidence: all that is logged about a closure, and its digest."""

from __future__ import annotations

import pytest
from tests.gate.case import HARNESS, MODEL, OTHER_MODEL, RAW, TEST, TRAIN, complete, custody, measure, train

from modelward.attest import predicates as p
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded
from modelward.gate import evidence as module
from modelward.gate.evidence import Evidence, Logged, collect, materials


def test_the_closure_reaches_back_to_the_source() -> None:
    case = complete()
    ancestors = case.evidence().ancestors(MODEL)
    assert ancestors[0] == MODEL
    assert {TRAIN, TEST, RAW, HARNESS} <= set(ancestors)


def test_what_is_said_about_something_else_stays_out() -> None:
    case = complete()
    before = case.evidence()
    train(case, "tom", OTHER_MODEL, TRAIN)
    measure(case, "eve", 0.5, OTHER_MODEL)
    assert case.evidence() == before


def test_a_circle_of_inputs_ends() -> None:
    case = complete()
    train(case, "tom", MODEL, OTHER_MODEL)
    train(case, "tom", OTHER_MODEL, MODEL)
    assert OTHER_MODEL in case.evidence().ancestors(MODEL)


def test_the_digest_depends_on_the_statements_and_on_no_order() -> None:
    evidence = complete().evidence()
    turned = Evidence(tuple(reversed(evidence.logged)), evidence.refused)
    assert turned.digest == evidence.digest
    assert Evidence(evidence.logged[1:], evidence.refused).digest != evidence.digest


def test_the_digest_of_nothing_is_that_of_no_bytes() -> None:
    assert Evidence(()).digest == Digest.sha256(b"")


def test_refused_statements_are_kept_with_the_reason() -> None:
    case = complete()
    case.say("bob", MODEL, case.registry.version())  # an approver may not register
    (refused,) = case.evidence().refused
    assert refused.index == len(case.bundles) - 1
    assert "may not sign" in refused.reason
    assert case.evidence().refused_about(MODEL, p.Version.TYPE) == [refused]
    assert case.evidence().refused_about(MODEL, p.Scan.TYPE) == []


def test_what_refused_statements_name_is_followed_too() -> None:
    """So the set depends on the log alone, and nobody's revocation makes parts of it disappear."""
    case = complete()
    train(case, "bob", MODEL, OTHER_MODEL)
    train(case, "tom", OTHER_MODEL, RAW)
    subjects = {item.verified.statement.subject for item in case.evidence().logged}
    assert OTHER_MODEL in subjects


def test_opinions_are_no_facts() -> None:
    facts = complete().evidence().facts()
    types = {fact.statement.predicate_type for fact in facts}
    assert p.Approval.TYPE not in types
    assert {p.Version.TYPE, p.Scan.TYPE, p.Evaluation.TYPE, p.Provenance.TYPE} <= types


def test_statements_come_in_log_order_from_several_roots() -> None:
    case = complete()
    case.baseline = OTHER_MODEL
    measure(case, "eve", 0.5, OTHER_MODEL)
    indexes = [item.index for item in case.evidence().logged]
    assert indexes == sorted(indexes)
    assert indexes[-1] == len(case.bundles) - 1


def about_from(evidence: Evidence) -> object:
    def about(subject: Digest) -> list[Logged]:
        return [item for item in evidence.logged if item.verified.statement.subject == subject]

    return about


def test_a_closure_of_too_many_digests_is_refused_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = complete().evidence()
    monkeypatch.setattr(module, "MAX_SUBJECTS", 3)
    with pytest.raises(LimitExceeded, match="more than 3 digests"):
        collect([MODEL], about_from(evidence))  # type: ignore[arg-type]


def test_a_closure_of_too_many_statements_is_refused_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = complete().evidence()
    monkeypatch.setattr(module, "MAX_STATEMENTS", 3)
    with pytest.raises(LimitExceeded, match="more than 3 statements"):
        collect([MODEL], about_from(evidence))  # type: ignore[arg-type]


def test_the_materials_of_each_kind_of_statement() -> None:
    case = complete()
    assert materials(train(case, "tom", MODEL, TRAIN, RAW).statement) == [TRAIN, RAW]
    assert materials(case.say("dora", TRAIN, custody("split", "train", [RAW])).statement) == [RAW]
    assert materials(measure(case, "eve", 0.9).statement) == [TEST, HARNESS]
    assert materials(case.say("alice", MODEL, case.registry.version()).statement) == []
