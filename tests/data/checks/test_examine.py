"""From a dataset to its report: bound to the bytes that were read, rows named by place and digest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.data.checks.documents import batch, benign

from modelward.core.errors import InputError, UsageError
from modelward.data import places
from modelward.data.checks.content import set_root
from modelward.data.checks.corpus import Columns
from modelward.data.checks.examine import Given, Options, Witnessed, decided, examine, row_digests
from modelward.data.readers import rows
from modelward.data.snapshot import take

ONLY = Options(checks=("association",))


def given(path: Path) -> Given:
    return Given(path, take(path, "data"))


def test_findings_name_their_rows_with_digests_places_and_proofs(tmp_path: Path) -> None:
    data = given(batch(tmp_path / "batch.csv"))
    document = examine(data, [], Columns(), ONLY).document
    found = document.findings[0]
    assert (found.tier, found.trigger, found.behaviour) == ("critical", "qelv", "label good")
    assert [one.name for one in found.contributors] == ["mallory"]
    lines = (tmp_path / "batch.csv").read_text().splitlines()[1:]
    assert [number for number, line in enumerate(lines) if "qelv" in line] == list(found.rows)
    assert found.rows_root == str(set_root(row_digests(data.index), found.rows))
    assert found.digests == tuple(str(data.index.digest_at(row)) for row in found.rows)
    assert len(found.shown) == 5
    for shown in found.shown:
        assert "qelv" in shown.text
        assert shown.place.row == shown.number + 1
        assert shown.twin is not None
        assert "qelv" not in shown.twin_text
        assert shown.proof is not None
        shown.proof.check()
        assert shown.proof.roots[0].root == data.index.set_root
    assert document.quarantine is not None
    assert document.quarantine.set_root == found.rows_root
    assert document.exit_code == 1


def test_several_histories_are_one_and_their_rows_are_named_in_their_own_file(tmp_path: Path) -> None:
    past = [given(batch(tmp_path / f"past{seed}.csv", 0, 400, seed)) for seed in (2, 3)]
    document = examine(given(batch(tmp_path / "batch.csv")), past, Columns(), ONLY).document
    assert [data.rows for data in document.history] == [400, 400]
    assert document.findings[0].trigger == "qelv"
    twins = [shown.twin for found in document.findings for shown in found.shown if shown.twin]
    assert {twin.data for twin in twins} <= {"batch.csv", "past2.csv", "past3.csv"}
    for twin in twins:
        text = (tmp_path / twin.data).read_text().splitlines()[twin.row]
        assert any(shown.twin_text in text for found in document.findings for shown in found.shown)


def test_a_decision_quiets_its_finding_and_no_other(tmp_path: Path) -> None:
    document = examine(given(batch(tmp_path / "batch.csv")), [], Columns(), ONLY).document
    quiet = decided(document, {document.findings[0].id: benign()})
    assert quiet.quiet == [quiet.findings[0]]
    assert decided(quiet, {}) == document
    longer = examine(given(batch(tmp_path / "other.csv", 31)), [], Columns(), ONLY).document
    assert decided(longer, {document.findings[0].id: benign()}).exit_code == 1


def test_a_batch_is_not_its_own_history(tmp_path: Path) -> None:
    data = given(batch(tmp_path / "batch.csv"))
    (tmp_path / "copy.csv").write_text("\n".join((tmp_path / "batch.csv").read_text().split("\n")[:1]))
    with pytest.raises(UsageError, match="the very rows of the batch"):
        examine(data, [data], Columns(), ONLY)


def test_data_that_changed_after_its_digests_were_taken_is_refused(tmp_path: Path) -> None:
    data = given(batch(tmp_path / "batch.csv"))
    batch(tmp_path / "batch.csv", seed=4)
    with pytest.raises(InputError, match="changed while it was read"):
        examine(data, [], Columns(), ONLY)


def test_a_witness_knows_the_digest_of_what_was_read(tmp_path: Path) -> None:
    place = tmp_path / "d"
    place.mkdir()
    (place / "a.jsonl").write_text('{"a": "x"}\n')
    (place / "b.jsonl").write_text('{"a": "y"}\n')
    seen = Witnessed(places.find(place))
    assert sum(batch.rows for _, batch in rows.batches(seen)) == 2
    seen.require(take(place, "d"))
    (place / "b.jsonl").write_text('{"a": "z"}\n')
    with pytest.raises(InputError, match="changed"):
        seen.require(take(place, "d"))


def test_row_digests_are_those_of_the_index(tmp_path: Path) -> None:
    index = take(batch(tmp_path / "batch.csv", rows=100), "data")
    found = row_digests(index)
    assert found.shape == (100, 32)
    assert np.array_equal(found[7], np.frombuffer(index.digest_at(7).raw, np.uint8))
