"""Which statements stand."""

from __future__ import annotations

from tests.bom.conftest import Story

from modelward.attest.predicates import Approval, Evaluation, Scan, Version
from modelward.bom.evidence import Evidence


def test_superseded_evaluation_does_not_stand(story: Story) -> None:
    test = story.place / "test.csv"
    (first,) = (v for v in story.ledger.said if v.statement.predicate_type == Evaluation.TYPE)
    second = story.evaluated(test, {"f1": 0.5}, supersedes=(str(first.id),))
    for said in (story.ledger.said, story.ledger.said[::-1]):
        assert [v.id for v, _ in Evidence(said).about(story.artifact, Evaluation)] == [second.id]


def test_statement_about_another_subject_supersedes_nothing(story: Story) -> None:
    (scan,) = (v for v in story.ledger.said if v.statement.predicate_type == Scan.TYPE)
    story.evaluated(story.place / "test.csv", {"f1": 0.5}, supersedes=(str(scan.id),))
    assert Evidence(story.ledger.said).about(story.artifact, Scan)


def test_acts_are_left_out(story: Story) -> None:
    release = story.ledger.registry.release(artifact=str(story.artifact))
    story.say("bob", story.ledger.registry.approval(release=release))
    assert Evidence(story.ledger.said).about(story.artifact, Approval) == []


def test_order_does_not_depend_on_how_they_came(story: Story) -> None:
    story.say("alice", story.ledger.registry.version(model="twin", version=1))
    forwards, backwards = Evidence(story.ledger.said), Evidence(story.ledger.said[::-1])
    assert forwards.about(story.artifact, Version) == backwards.about(story.artifact, Version)
    assert len(forwards.about(story.artifact, Version)) == 2
