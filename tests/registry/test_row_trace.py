"""Where rows went: what is sure, what may be, and what an index rules out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.registry.records_of_data import collected, filtered, measured, snapshot_of, step, trained
from tests.registry.town import Town

from modelward.attest.predicates.custody import Source
from modelward.core.digest import Digest
from modelward.core.errors import LimitExceeded
from modelward.registry import row_trace
from modelward.registry.lineage import Lineage
from modelward.registry.row_trace import Sought, examine, forward

RAW, CLEAN, MIXED = (Digest.sha256(name) for name in (b"raw", b"clean", b"mixed"))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path)
    town.trust("dora", ["data-steward"])
    town.trust("tim", ["trainer", "evaluator"])
    town.say("dora", RAW, snapshot_of("raw"))
    town.say("dora", RAW, collected("raw"))
    return town


def sure(town: Town, *starts: Digest, holds: Mapping[Digest, bool] | None = None) -> dict[Digest, bool]:
    """What was reached, and whether surely."""
    with town.registry() as registry:
        reached, _ = forward(Lineage(registry), starts, None if holds is None else dict(holds).get)
    return {one.digest: one.sure for one in reached}


def test_steps_that_keep_every_row_are_sure_and_others_may_be(town: Town) -> None:
    for number, operation in enumerate(("merge", "shuffle", "filter", "map"), 1):
        out = Digest.sha256(operation.encode())
        town.say("dora", out, snapshot_of(operation))
        town.say("dora", out, step(operation, operation, RAW, claim="declared" if number == 4 else "checked"))
    found = sure(town, RAW, holds={RAW: True})
    assert [found[Digest.sha256(name)] for name in (b"merge", b"shuffle", b"filter", b"map")] == [
        True,
        True,
        False,
        False,
    ]


def test_an_index_rules_out_only_what_a_checked_step_left_out(town: Town) -> None:
    town.say("dora", CLEAN, snapshot_of("clean"))
    town.say("dora", CLEAN, filtered("clean", RAW))
    town.say("dora", MIXED, snapshot_of("mixed"))
    town.say("dora", MIXED, step("mixed", "map", RAW, claim="declared"))
    model = town.push(town.model())
    town.say("tim", model, trained(CLEAN))
    # The filter's index shows that the rows are gone; a map has other digests for the same rows.
    assert sure(town, RAW, holds={RAW: True, CLEAN: False, MIXED: False}) == {RAW: True, MIXED: False}
    assert sure(town, RAW, CLEAN, holds={RAW: True, CLEAN: True, MIXED: False})[model] is True
    assert sure(town, RAW, holds={RAW: True})[model] is False


def test_what_is_sure_on_one_way_is_sure(town: Town) -> None:
    model = town.push(town.model())
    town.say("dora", CLEAN, filtered("clean", RAW))
    town.say("tim", model, trained(CLEAN, RAW))
    assert sure(town, RAW, holds={RAW: True}) == {RAW: True, CLEAN: False, model: True}


def test_everything_made_from_a_whole_dataset_is_surely_made_from_it(town: Town) -> None:
    town.say("dora", CLEAN, filtered("clean", RAW))
    model = town.push(town.model())
    town.say("tim", model, trained(CLEAN))
    assert sure(town, RAW) == {RAW: True, CLEAN: True, model: True}


def test_evaluations_with_the_rows_are_told_and_lead_no_further(town: Town) -> None:
    model = town.push(town.model())
    town.say("tim", model, measured(RAW))
    with town.registry() as registry:
        reached, evaluations = forward(Lineage(registry), [RAW], None)
    assert [one.digest for one in reached] == [RAW]
    assert [(one.said.statement.subject, one.dataset, one.sure) for one in evaluations] == [
        (model, RAW, True)
    ]


def test_datasets_of_a_declared_contributor_are_found_without_any_index(town: Town) -> None:
    given = collected("given", source=Source(uri="https://example.org", contributor="mallory"))
    town.say("dora", CLEAN, snapshot_of("given"))
    town.say("dora", CLEAN, given)
    with town.registry() as registry:
        found = examine(Lineage(registry), {}, Sought("contributor", "mallory"), None)
    assert (found.rows, found.all_known, list(found.declared)) == (0, False, [CLEAN])
    assert (found.holds(CLEAN), found.holds(RAW)) == (True, None)
    assert found.unexamined == (RAW, CLEAN)


def test_a_loop_of_records_ends_and_an_endless_one_is_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.say("dora", CLEAN, filtered("clean", RAW))
    town.say("dora", RAW, filtered("raw", CLEAN))
    assert sure(town, RAW) == {RAW: True, CLEAN: True}
    monkeypatch.setattr(row_trace, "MAX_REACHED", 1)
    with pytest.raises(LimitExceeded, match="over 1 things were made from it"):
        sure(town, RAW)
