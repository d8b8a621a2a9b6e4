"""What was made from what, both ways, with what counts no longer."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.registry.records_of_data import collected, filtered, snapshot_of, trained
from tests.registry.town import Town

from modelward.attest.predicates import Custody, Snapshot
from modelward.core.digest import Digest
from modelward.core.errors import Rejected
from modelward.registry.lineage import Lineage, Use

RAW = Digest.sha256(b"raw")
CLEAN = Digest.sha256(b"clean")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.trust("dora", ["data-steward"])
    town.trust("tim", ["trainer"])
    return town


def test_uses_and_makers_are_found_both_ways(town: Town) -> None:
    town.say("dora", RAW, snapshot_of("raw"), "raw.csv")
    town.say("dora", RAW, collected("raw"), "raw.csv")
    town.say("dora", CLEAN, filtered("clean", RAW), "clean.csv")
    model = town.push(town.model())
    town.say("tim", model, trained(CLEAN))
    with town.registry() as registry:
        lineage = Lineage(registry)
        assert lineage.snapshots == [RAW]
        assert lineage.named("clean") == [CLEAN]
        assert [said.statement.subject for said in lineage.uses(RAW)] == [CLEAN]
        assert [said.statement.subject for said in lineage.uses(CLEAN)] == [model]
        assert [said.signer for said in lineage.makers(model)] == ["tim"]
        assert [(v.model, v.version) for v in lineage.versions(model)] == [("fraud", 1)]
        snapshot = lineage.snapshot(RAW)
        assert snapshot is not None
        assert (snapshot.is_a(Snapshot), snapshot.is_a(Custody)) == (True, False)
        assert (snapshot.signer, snapshot.roles, snapshot.problem) == ("dora", ("data-steward",), "")


def test_a_superseded_record_still_leads_to_what_was_made(town: Town) -> None:
    former = town.say("dora", CLEAN, filtered("clean", RAW))
    town.say("dora", CLEAN, collected("clean", supersedes=(str(former.statement_id),)))
    with town.registry() as registry:
        (use,) = Lineage(registry).uses(RAW)
    assert use.problem.startswith("superseded by sha256:")


def test_a_field_of_that_name_in_provenance_supersedes_nothing(town: Town) -> None:
    model = town.push(town.model())
    town.say("tim", model, trained(RAW))
    with town.registry() as registry:
        assert [use.problem for use in Lineage(registry).uses(RAW)] == [""]


def test_stages_that_once_pointed_to_a_version_are_told(town: Town) -> None:
    first = town.push(town.model())
    town.promote(stage="dev")
    with town.registry() as registry:
        lineage = Lineage(registry)
        (version,) = lineage.versions(first)
        assert lineage.stages(version) == [Use("dev", 1, True)]
    town.push(town.model(weights=b"other"), number=2)
    town.promote(2, "dev")
    with town.registry() as registry:
        lineage = Lineage(registry)
        assert lineage.stages(version) == [Use("dev", 1, False)]


def test_an_entry_hidden_from_the_tables_is_noticed(town: Town) -> None:
    town.say("dora", CLEAN, filtered("clean", RAW))
    with town.registry() as registry:
        with registry.engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM entries WHERE subject = :it"), {"it": str(CLEAN)})
        with pytest.raises(Rejected, match="the table of entries is not what the log says"):
            Lineage(registry)
