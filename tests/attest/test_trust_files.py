"""Trust policy versions on disk: whole, in order, never replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.attest.simulator import DAY, NOW, Registry

from modelward.attest import trust_edit
from modelward.attest.trust import walk
from modelward.attest.trust_files import MAX_SIGNATURES, load_versions, read_bundles, write_version
from modelward.core.errors import Conflict, InputError, LimitExceeded


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Registry, Path]:
    registry = Registry()
    registry.change(trust_edit.renewed(NOW + 700 * DAY))
    for number, bundles in enumerate(registry.versions, start=1):
        write_version(tmp_path, number, bundles)
    return registry, tmp_path


def test_versions_read_back_as_written(stored):
    registry, directory = stored
    versions = load_versions(directory)
    assert versions == registry.versions
    assert walk(registry.pin, versions, now=NOW).version == 2


def test_many_versions_are_read_in_numerical_order(tmp_path):
    registry = Registry()
    for _ in range(11):
        registry.change()
    for number, bundles in enumerate(registry.versions, start=1):
        write_version(tmp_path, number, bundles)
    assert walk(registry.pin, load_versions(tmp_path), now=NOW).version == 12


def test_version_is_never_overwritten(stored):
    registry, directory = stored
    before = (directory / "trust" / "2.jsonl").read_bytes()
    with pytest.raises(Conflict, match="exists already"):
        write_version(directory, 2, registry.versions[0])
    assert (directory / "trust" / "2.jsonl").read_bytes() == before
    assert sorted(path.name for path in (directory / "trust").iterdir()) == ["1.jsonl", "2.jsonl"]


def test_version_that_would_leave_a_gap_is_refused(stored):
    registry, directory = stored
    with pytest.raises(Conflict, match="version 3 of the trust policy is missing"):
        write_version(directory, 4, registry.versions[0])


def test_removed_version_is_noticed(stored):
    _, directory = stored
    (directory / "trust" / "1.jsonl").unlink()
    with pytest.raises(InputError, match="version 1 is missing"):
        load_versions(directory)


def test_directory_that_is_no_registry_is_named(tmp_path):
    with pytest.raises(InputError, match="no trust policy"):
        load_versions(tmp_path)
    (tmp_path / "trust").mkdir()
    with pytest.raises(InputError, match="no trust policy"):
        load_versions(tmp_path)


@pytest.mark.parametrize("content", [b"{", b"\n\n", b"{}\n", b"\xff"])
def test_damaged_file_is_named_with_its_line(stored, content):
    _, directory = stored
    (directory / "trust" / "2.jsonl").write_bytes(content)
    with pytest.raises(InputError, match="line 1"):
        load_versions(directory)


def test_empty_file_is_a_version_that_nobody_signed(stored):
    registry, directory = stored
    (directory / "trust" / "2.jsonl").write_bytes(b"")
    from modelward.core.errors import Rejected

    with pytest.raises(Rejected, match="nobody signed"):
        walk(registry.pin, load_versions(directory), now=NOW)


def test_file_with_too_many_signatures_is_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"{}\n" * (MAX_SIGNATURES + 1))
    with pytest.raises(LimitExceeded):
        read_bundles(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        read_bundles(tmp_path / "none")
