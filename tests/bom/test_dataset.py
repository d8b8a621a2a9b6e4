"""A dataset's fields from its snapshot and chain of custody."""

from __future__ import annotations

from tests.bom.conftest import Story

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Snapshot
from modelward.bom.dataset import MAX_SHARDS, dataset_facts
from modelward.bom.evidence import Evidence
from modelward.core.digest import Digest


def test_licence_and_source_come_down_the_chain(story: Story) -> None:
    part = story.place / "part.csv"
    part.write_text("text,label\n")
    story.ledger.snapshot(part, "part")
    whole = story.place / "train.csv"
    story.ledger.custody(part, "part", "filter", [whole], licence="")
    facts, name, ancestors, source = dataset_facts(digest_of(part), Evidence(story.ledger.said))
    assert name == "part"
    assert source in {str(v.id) for v in story.ledger.said}
    told = {field: [f.value for f in facts if f.field == field] for field in ("DP-04", "DP-06", "DP-10")}
    assert told["DP-10"] == [{"licence": "CC-BY-4.0"}]
    assert told["DP-04"] == [{"identifier": "https://data.example/spam.csv"}]
    assert [step["operation"] for step in told["DP-06"]] == ["filter", "collect"]
    assert [a.digest for a in ancestors] == [digest_of(whole)]


def test_nothing_known_gives_nothing(story: Story) -> None:
    assert dataset_facts(Digest.sha256(b"unknown"), Evidence(story.ledger.said)) == ((), "", (), "")


def test_circle_of_custody_ends(story: Story) -> None:
    one, two = story.place / "one.csv", story.place / "two.csv"
    one.write_text("1")
    two.write_text("2")
    story.ledger.custody(one, "one", "shuffle", [two])
    story.ledger.custody(two, "two", "shuffle", [one])
    facts, name, _, _ = dataset_facts(digest_of(one), Evidence(story.ledger.said))
    assert name == "one"
    assert len([f for f in facts if f.field == "DP-06"]) == 2


def test_many_shards_are_counted_and_the_first_shown(story: Story) -> None:
    many = story.place / "many.csv"
    many.write_text("x")
    (sample,) = (v.statement.typed(Snapshot).shards[0] for v in story.ledger.said[:1])
    story.ledger.snapshot(many, "many", shards=(sample,) * 150)
    facts = dataset_facts(digest_of(many), Evidence(story.ledger.said))[0]
    (value,) = (fact.value for fact in facts if fact.field == "DP-05")
    assert (value["shardCount"], len(value["shards"])) == (150, MAX_SHARDS)
