"""Which inputs are accounted for, and what a refusal tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.attest.simulator import ARTIFACT
from tests.pipeline.ledger import Ledger

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Scan
from modelward.attest.statement import Statement
from modelward.core.errors import InputError, Rejected
from modelward.pipeline.evidence import DATASET_ORIGINS, account


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    path.write_text("a\n1\n")
    return path


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


def test_snapshot_with_custody_is_enough(file: Path, ledger: Ledger) -> None:
    ledger.data(file)
    found = account("data", file, ledger)
    assert (found.origin, len(found.statements), found.digest) == ("snapshot+custody", 2, digest_of(file))


def test_registered_version_is_enough_for_a_step_but_is_no_evaluation_data(
    file: Path, ledger: Ledger
) -> None:
    ledger.version(file)
    assert account("base", file, ledger).origin == "version"
    with pytest.raises(Rejected, match="found only: version"):
        account("data", file, ledger, DATASET_ORIGINS)


def test_snapshot_without_custody_is_not(file: Path, ledger: Ledger) -> None:
    ledger.snapshot(file)
    with pytest.raises(Rejected, match="has a snapshot but no custody") as refusal:
        account("data", file, ledger)
    assert refusal.value.help == "a data steward records where it came from: modelward data custody"


def test_custody_without_snapshot_is_not(file: Path, ledger: Ledger) -> None:
    ledger.custody(file)
    with pytest.raises(Rejected, match="custody statement but no snapshot") as refusal:
        account("data", file, ledger)
    assert "modelward data snapshot" in (refusal.value.help or "")


def test_scan_says_nothing_about_origin(file: Path, ledger: Ledger) -> None:
    scan, _ = ledger.registry.example(Scan, "ci-scan")
    ledger.say("ci-scan", Statement.of(file.name, digest_of(file), scan))
    with pytest.raises(Rejected, match="found only: scan"):
        account("data", file, ledger)


def test_custody_of_another_file_of_the_same_name_does_not_count(
    file: Path, ledger: Ledger, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "train.csv"
    other.parent.mkdir()
    other.write_text("a\n2\n")
    ledger.data(other, "decoy")
    with pytest.raises(Rejected, match=r"changed after snapshot .* of dataset decoy"):
        account("data", file, ledger)


def test_revoked_input_is_refused(file: Path, ledger: Ledger) -> None:
    ledger.data(file)
    revocation = ledger.registry.revocation(reason="rows of a poisoner")
    ledger.say("ada", Statement.of(file.name, digest_of(file), revocation))
    with pytest.raises(Rejected, match="revoked by ada: rows of a poisoner"):
        account("data", file, ledger)


def test_missing_file_is_an_input_error(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        account("data", tmp_path / "absent.csv", ledger)


def test_statements_about_something_else_do_not_leak_in(file: Path, ledger: Ledger) -> None:
    ledger.data(file)
    assert all(v.statement.subject != ARTIFACT for v in account("data", file, ledger).statements)
