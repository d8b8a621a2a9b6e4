"""log.recovery: what a directory holds, seen by a reader who may write nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.core.errors import InputError, Rejected
from modelward.log import recovery, wal
from modelward.log.checkpoint import Checkpoint, sign_checkpoint
from modelward.log.disk import Disk
from modelward.log.note import NoteKey, NoteSigner
from modelward.log.sequencer import Log

ORIGIN = "example.com/log"
ENTRIES = [b"entry %d" % index for index in range(300)]


@pytest.fixture
def unclean(log: Log, directory: Path) -> Disk:
    """A log whose last 60 entries stand in the write-ahead file, and whose tiles of them are gone."""
    log.append_all(ENTRIES[:240])
    log.close()
    saved = directory.parent / "saved"
    shutil.copytree(directory, saved)
    log.append_all(ENTRIES[240:])
    shutil.copy(directory / "wal", saved / "wal")
    shutil.rmtree(directory)
    saved.rename(directory)
    return Disk(directory)


def test_closed_log_is_read_as_it_is(log: Log, directory: Path) -> None:
    log.append(b"a")
    log.close()
    disk = Disk(directory)
    assert recovery.settled(disk) is disk


def test_reader_sees_what_only_the_write_ahead_file_holds(unclean: Disk, log_key: NoteKey) -> None:
    seen = recovery.settled(unclean)
    state = recovery.load(seen, recovery.published(seen), log_key)
    assert list(state.tree.entries(0, 300)) == ENTRIES
    assert seen.size(recovery.WAL) == 0
    assert seen.size("tile/0/000") == 8192
    assert not (unclean.root / "tile/0/000").exists()


def test_origin_is_found_without_a_checkpoint_file(unclean: Disk, private: Ed25519PrivateKey) -> None:
    (unclean.root / "checkpoint").unlink()
    assert recovery.origin_of(unclean) == ORIGIN
    assert Log.open(unclean.root).size == 300
    assert Log.open(unclean.root, private).size == 300


def test_batch_with_another_root_than_it_signs_is_rejected(unclean: Disk) -> None:
    (record,) = wal.parse((unclean.root / "wal").read_bytes())
    forged = wal.Record(record.old_size, (b"forged", *record.entries[1:]), record.checkpoint)
    (unclean.root / "wal").write_bytes(forged.to_bytes())
    with pytest.raises(Rejected, match="do not give the root"):
        recovery.settled(unclean)


def test_batch_signed_by_a_stranger_is_not_replayed(
    unclean: Disk, private: Ed25519PrivateKey, log_key: NoteKey
) -> None:
    (record,) = wal.parse((unclean.root / "wal").read_bytes())
    state, _ = recovery.replay(unclean, [record], log_key)
    stranger = NoteSigner.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    signed = sign_checkpoint(Checkpoint(ORIGIN, 300, state.tree.root()), stranger)
    (unclean.root / "wal").write_bytes(wal.Record(240, record.entries, signed).to_bytes())
    with pytest.raises(Rejected, match="did not sign"):
        Log.open(unclean.root, private)


def test_batch_that_does_not_continue_the_tiles_is_refused(unclean: Disk) -> None:
    (record,) = wal.parse((unclean.root / "wal").read_bytes())
    (unclean.root / "wal").write_bytes(wal.Record(100_000, record.entries, record.checkpoint).to_bytes())
    with pytest.raises(InputError, match="missing"):
        Log.open(unclean.root)


def test_checkpoint_beyond_the_write_ahead_file_means_loss(unclean: Disk, private: Ed25519PrivateKey) -> None:
    beyond = Checkpoint(ORIGIN, 301, b"r" * 32)
    (unclean.root / "checkpoint").write_bytes(sign_checkpoint(beyond, NoteSigner.of(ORIGIN, private)))
    for key in (None, private):
        with pytest.raises(Rejected, match="lost entries that were acknowledged"):
            Log.open(unclean.root, key)


def test_rolled_back_tree_does_not_extend_the_former(log: Log, directory: Path) -> None:
    log.append(b"a")
    old = recovery.load(Disk(directory), recovery.published(Disk(directory)), None)
    log.append(b"b")
    new = recovery.load(Disk(directory), recovery.published(Disk(directory)), None)
    new.require_extends(old)
    old.require_extends(old)
    with pytest.raises(Rejected, match="rolled back or rewritten"):
        old.require_extends(new)
