"""A dataset back to its collection, and what is missing on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.registry.records_of_data import collected, filtered, root_of, snapshot_of, step, trained
from tests.registry.town import Town

from modelward.attest.predicates.custody import Dataset
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded
from modelward.registry import custody_chain
from modelward.registry.custody_chain import CIRCLE, Link, chain
from modelward.registry.lineage import Lineage

RAW = Digest.sha256(b"raw")
CLEAN = Digest.sha256(b"clean")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.trust("dora", ["data-steward", "trainer"])
    return town


def links(town: Town, digest: Digest) -> list[Link]:
    with town.registry() as registry:
        return chain(Lineage(registry), digest)


def record(town: Town, name: str, digest: Digest, *, origins: tuple[Digest, ...] = ()) -> None:
    town.say("dora", digest, snapshot_of(name))
    town.say("dora", digest, filtered(name, *origins) if origins else collected(name))


def test_chain_ends_at_the_collection(town: Town) -> None:
    record(town, "raw", RAW)
    record(town, "clean", CLEAN, origins=(RAW,))
    found = links(town, CLEAN)
    assert [(link.name, link.problems, link.is_collection) for link in found] == [
        ("clean", (), False),
        ("raw", (), True),
    ]


def test_datasets_that_are_made_from_each_other_end_the_walk(town: Town) -> None:
    record(town, "raw", RAW, origins=(CLEAN,))
    record(town, "clean", CLEAN, origins=(RAW,))
    found = links(town, CLEAN)
    assert [link.name for link in found] == ["clean", "raw"]
    assert (found[0].problems, found[1].problems) == ((CIRCLE,), ())


def test_dataset_made_from_itself_has_no_origin(town: Town) -> None:
    record(town, "raw", RAW, origins=(RAW,))
    assert [link.problems for link in links(town, RAW)] == [(CIRCLE,)]
    town.say("dora", RAW, collected("raw"))
    assert [(link.problems, link.is_collection) for link in links(town, RAW)] == [((), True)]


def test_run_that_made_a_dataset_leads_on_to_its_inputs(town: Town) -> None:
    record(town, "raw", RAW)
    town.say("dora", CLEAN, snapshot_of("clean"))
    town.say("dora", CLEAN, trained(RAW))
    assert [(link.name, link.problems) for link in links(town, CLEAN)] == [("clean", ()), ("raw", ())]


def test_custody_of_other_rows_than_the_snapshot_is_told(town: Town) -> None:
    town.say("dora", RAW, snapshot_of("raw"))
    town.say("dora", RAW, collected("raw", set_root=root_of("other")))
    assert links(town, RAW)[0].problems == ("custody and snapshot differ in the rows of it",)


def test_input_of_other_rows_than_its_snapshot_is_told(town: Town) -> None:
    record(town, "raw", RAW)
    town.say("dora", CLEAN, snapshot_of("clean"))
    named = Dataset(name="raw.csv", digest=str(RAW), set_root=root_of("other"))
    town.say("dora", CLEAN, step("clean", "filter", inputs=(named,)))
    assert links(town, CLEAN)[0].problems == (
        "the step and the snapshot of its input raw.csv differ in the rows of it",
    )


def test_step_that_names_no_inputs_hides_its_origin(town: Town) -> None:
    town.say("dora", RAW, snapshot_of("raw"))
    town.say("dora", RAW, step("raw", "map", claim="declared"))
    assert links(town, RAW)[0].problems == ("a map without inputs",)


def test_endless_chain_is_refused(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custody_chain, "MAX_LINKS", 1)
    record(town, "clean", CLEAN, origins=(RAW,))
    with pytest.raises(LimitExceeded, match="more than 1 datasets behind it"):
        links(town, CLEAN)
