"""log.sequencer: what an append promises, to threads, to processes and to readers."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.attest.keys.public import PublicKey
from modelward.core import merkle
from modelward.core.errors import Conflict, InputError, LimitExceeded, ModelwardError, Rejected, UsageError
from modelward.log import sequencer
from modelward.log.audit import audit
from modelward.log.checkpoint import SignedCheckpoint
from modelward.log.note import NoteKey
from modelward.log.proof import ProofFile, verify_proof
from modelward.log.sequencer import Log

ORIGIN = "example.com/log"
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def verified(log: Log, key: NoteKey) -> tuple[int, bytes]:
    checkpoint = SignedCheckpoint.parse(log.checkpoint()).verify(key)
    return checkpoint.size, checkpoint.root


def test_new_log_signs_the_empty_tree(log: Log, log_key: NoteKey) -> None:
    assert verified(log, log_key) == (0, merkle.EMPTY_ROOT)
    assert (log.size, log.origin, list(log.entries())) == (0, ORIGIN, [])


def test_entries_get_consecutive_indexes(log: Log, log_key: NoteKey) -> None:
    assert log.append(b"a") == 0
    assert log.append_all([b"b", b"c"]) == range(1, 3)
    assert log.append(b"") == 3
    assert list(log.entries()) == [b"a", b"b", b"c", b""]
    assert log.entry(2) == b"c"
    hashes = [merkle.leaf_hash(entry) for entry in (b"a", b"b", b"c", b"")]
    assert verified(log, log_key) == (4, merkle.root(hashes))


def test_log_is_the_same_when_opened_again(log: Log, directory: Path, private: Ed25519PrivateKey) -> None:
    for start in range(0, 600, 20):
        log.append_all([b"entry %d" % index for index in range(start, start + 20)])
    for again in (Log.open(directory), Log.open(directory, private)):
        assert again.checkpoint() == log.checkpoint()
        assert list(again.entries(590)) == [b"entry %d" % index for index in range(590, 600)]
    assert Log.open(directory, private).append(b"next") == 600


def test_signer_of_the_keys_package_signs_the_log(directory: Path, private: Ed25519PrivateKey) -> None:
    class Signer:
        public = PublicKey.of(private.public_key())

        def sign(self, data: bytes) -> bytes:
            return private.sign(data)

    Log.create(directory, ORIGIN, Signer()).append(b"a")
    assert Log.open(directory, Signer()).size == 1
    with pytest.raises(ModelwardError):
        audit(directory, NoteKey.from_pem(ORIGIN, PublicKey.of(STRANGER.public_key()).pem))
    assert audit(directory, NoteKey.from_pem(ORIGIN, Signer.public.pem)).ok


def test_proofs_of_all_sizes_verify(log: Log) -> None:
    log.append_all([b"%d" % index for index in range(300)])
    for size in (1, 255, 256, 257, 300):
        for index in (0, size // 2, size - 1):
            proof = log.inclusion_proof(index, size)
            merkle.verify_inclusion(merkle.leaf_hash(b"%d" % index), index, size, proof, log.root(size))
        merkle.verify_consistency(size, log.root(size), 300, log.root(), log.consistency_proof(size))


# --- all or nothing ---------------------------------------------------------------------------------------


def test_expected_size_that_moved_writes_nothing(log: Log) -> None:
    log.append_all([b"a", b"b"], expected_size=0)
    with pytest.raises(Conflict, match="has 2 entries, not 1"):
        log.append_all([b"c", b"d"], expected_size=1)
    assert log.size == 2
    assert log.append_all([b"c"], expected_size=2) == range(2, 3)


def test_empty_append_checks_the_size_and_writes_nothing(log: Log) -> None:
    signed = log.checkpoint()
    assert log.append_all([], expected_size=0) == range(0)
    with pytest.raises(Conflict):
        log.append_all([], expected_size=1)
    assert log.checkpoint() == signed


def test_one_oversized_entry_refuses_the_whole_call(log: Log) -> None:
    with pytest.raises(LimitExceeded, match="65535"):
        log.append_all([b"small", bytes(65536)])
    assert log.size == 0
    assert log.append(bytes(65535)) == 0
    assert log.entry(0) == bytes(65535)


def test_oversized_call_is_refused(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "MAX_CALL_ENTRIES", 10)
    with pytest.raises(LimitExceeded):
        log.append_all([b""] * 11)
    monkeypatch.setattr(sequencer, "MAX_CALL_BYTES", 10)
    with pytest.raises(LimitExceeded):
        log.append_all([b"123456", b"123456"])
    assert log.size == 0


def test_large_call_is_one_batch(log: Log, log_key: NoteKey, directory: Path) -> None:
    entries = [b"%d" % index for index in range(1000)]
    assert log.append_all(entries) == range(1000)
    assert list(log.entries()) == entries
    assert audit(directory, log_key).ok


# --- threads and processes --------------------------------------------------------------------------------


def test_many_threads_lose_and_double_nothing(log: Log, log_key: NoteKey, directory: Path) -> None:
    indexes: dict[bytes, int] = {}
    proofs: dict[bytes, bytes] = {}

    def work(worker: int) -> None:
        for number in range(25):
            entry = b"%d.%d" % (worker, number)
            indexes[entry] = log.append(entry)
            if number == 20:
                proofs[entry] = ProofFile.make(log, indexes[entry])

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(indexes.values()) == list(range(800))
    assert list(log.entries()) == sorted(indexes, key=lambda entry: indexes[entry])
    for entry, proof in proofs.items():
        verify_proof(proof, entry, log_key)
    assert audit(directory, log_key).ok


def test_threads_that_expect_one_size_do_not_all_win(log: Log) -> None:
    outcomes: list[str] = []

    def work() -> None:
        try:
            log.append_all([b"x"], expected_size=0)
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["lost"] * 15 + ["won"]


APPENDER = """
import sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from modelward.log.sequencer import Log
log = Log.open(Path(sys.argv[1]), Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
for number in range(20):
    index = log.append(f"{sys.argv[2]}.{number}".encode())
    assert log.entry(index) == f"{sys.argv[2]}.{number}".encode()
if sys.argv[2] != "0":
    log.close()
"""


def test_several_processes_share_one_log(log: Log, log_key: NoteKey, directory: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", APPENDER, str(directory), str(worker)]) for worker in range(3)
    ]
    for number in range(20):
        log.append(b"parent.%d" % number)
    assert [child.wait(60) for child in children] == [0, 0, 0]
    log.refresh()
    expected = {b"parent.%d" % n for n in range(20)} | {
        b"%d.%d" % (w, n) for w in range(3) for n in range(20)
    }
    entries = list(log.entries())
    assert len(entries) == 80
    assert set(entries) == expected
    assert audit(directory, log_key).ok


def test_second_object_on_the_directory_is_noticed(
    log: Log, directory: Path, private: Ed25519PrivateKey
) -> None:
    other = Log.open(directory, private)
    assert log.append(b"a") == 0
    assert other.append(b"b") == 1
    with pytest.raises(Conflict):
        log.append_all([b"c"], expected_size=1)
    assert log.size == 2
    assert log.append(b"c") == 2
    other.close()
    assert list(Log.open(directory).entries()) == [b"a", b"b", b"c"]


def test_refresh_shows_what_others_appended(log: Log, directory: Path, private: Ed25519PrivateKey) -> None:
    reader, writer = Log.open(directory), Log.open(directory, private)
    log.append(b"a")
    assert (reader.size, writer.size) == (0, 0)
    reader.refresh()
    writer.refresh()
    assert (reader.size, writer.size) == (1, 1)
    assert reader.checkpoint() == writer.checkpoint() == log.checkpoint()


# --- reading only -----------------------------------------------------------------------------------------


def test_reader_needs_no_key_and_writes_nothing(log: Log, directory: Path) -> None:
    log.append_all([b"%d" % index for index in range(300)])
    log.close()
    log.append(b"in the write-ahead file")
    paths = [directory, *directory.rglob("*")]
    before = {path: path.stat().st_mtime_ns for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        with Log.open(directory) as reader:
            assert reader.size == 301
            assert reader.entry(299) == b"299"
            ProofFile.make(reader, 7)
            with pytest.raises(UsageError, match="reading only"):
                reader.append(b"x")
    finally:
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert {path: path.stat().st_mtime_ns for path in [directory, *directory.rglob("*")]} == before


def test_copy_without_private_files_can_be_read(log: Log, directory: Path) -> None:
    log.append(b"a")
    log.close()
    (directory / "wal").unlink()
    (directory / "lock").unlink()
    assert list(Log.open(directory).entries()) == [b"a"]


def test_tlog_files_are_readable_by_all(log: Log, directory: Path) -> None:
    log.append(b"a")
    for name in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert stat.S_IMODE((directory / name).stat().st_mode) & 0o044 == 0o044 & ~_umask()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


# --- what is refused --------------------------------------------------------------------------------------


def test_second_create_is_a_conflict(log: Log, directory: Path, private: Ed25519PrivateKey) -> None:
    log.append(b"a")
    with pytest.raises(Conflict):
        Log.create(directory, ORIGIN, private)
    assert Log.open(directory).size == 1


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "a\nb"])
def test_bad_origin_is_refused(directory: Path, private: Ed25519PrivateKey, origin: str) -> None:
    with pytest.raises(InputError):
        Log.create(directory, origin, private)
    assert not directory.exists()


def test_directory_without_a_log_is_refused(tmp_path: Path, private: Ed25519PrivateKey) -> None:
    for key in (None, private):
        with pytest.raises(InputError, match="no log"):
            Log.open(tmp_path / "nothing", key)
    assert not (tmp_path / "nothing").exists()


def test_another_key_may_not_append(log: Log, directory: Path) -> None:
    log.append(b"a")
    for _ in range(2):
        with pytest.raises(Rejected, match="did not sign"):
            Log.open(directory, STRANGER)
        log.close()
    assert Log.open(directory).size == 1


def test_key_of_another_kind_is_refused(log: Log, directory: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    class Signer:
        private = ec.generate_private_key(ec.SECP256R1())
        public = PublicKey.of(private.public_key())

        def sign(self, data: bytes) -> bytes:
            raise AssertionError

    with pytest.raises(InputError, match="Ed25519"):
        Log.open(directory, Signer())


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 100, bytes(10)])
def test_damaged_checkpoint_is_named(
    log: Log, directory: Path, private: Ed25519PrivateKey, content: bytes
) -> None:
    log.append(b"a")
    log.close()
    (directory / "checkpoint").write_bytes(content)
    for key in (None, private):
        with pytest.raises(InputError, match="checkpoint is damaged") as caught:
            Log.open(directory, key)
        assert caught.value.where == str(directory / "checkpoint")


def test_checkpoint_with_another_root_is_rejected(
    log: Log, directory: Path, private: Ed25519PrivateKey
) -> None:
    log.append(b"a")
    log.close()
    tile = directory / "tile/0/000.p/1"
    tile.write_bytes(merkle.leaf_hash(b"b"))
    for key in (None, private):
        with pytest.raises(Rejected, match="do not give the root"):
            Log.open(directory, key)


def test_log_rolled_back_under_a_running_process_is_noticed(
    log: Log, directory: Path, private: Ed25519PrivateKey
) -> None:
    log.append(b"a")
    log.close()
    old = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    reader = Log.open(directory)
    log.append(b"b")
    log.close()
    reader.refresh()
    for path, data in old.items():
        path.write_bytes(data)
    for _ in range(2):
        with pytest.raises(Rejected, match="rolled back or rewritten"):
            log.append(b"c")
        with pytest.raises(Rejected, match="rolled back or rewritten"):
            reader.refresh()
    assert list(log.entries(0, 1)) == [b"a"]


def test_forked_log_under_a_running_process_is_noticed(
    log: Log, directory: Path, tmp_path: Path, private: Ed25519PrivateKey
) -> None:
    fork = Log.create(tmp_path / "fork", ORIGIN, private)
    for name, target in ((b"a", log), (b"b", fork)):
        target.append(name)
        target.close()
    for path in (tmp_path / "fork").rglob("*"):
        if path.is_file():
            (directory / path.relative_to(tmp_path / "fork")).write_bytes(path.read_bytes())
    with pytest.raises(Rejected, match="rewritten"):
        log.append(b"c")


# --- kept state -------------------------------------------------------------------------------------------


def test_log_behind_the_kept_checkpoint_is_refused(
    log: Log, directory: Path, tmp_path: Path, private: Ed25519PrivateKey
) -> None:
    kept = tmp_path / "state" / "log"
    log.append(b"a")
    log.close()
    old = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    with Log.open(directory, private, kept=kept) as writer:
        writer.append(b"b")
    assert SignedCheckpoint.parse(kept.read_bytes()).checkpoint.size == 2
    for path, data in old.items():
        path.write_bytes(data)
    for key in (private, None):
        with pytest.raises(Rejected, match="rolled back"):
            Log.open(directory, key, kept=kept)


def test_fork_of_the_kept_log_is_refused(directory: Path, tmp_path: Path, private: Ed25519PrivateKey) -> None:
    kept = tmp_path / "kept"
    for name, entries in (("one", [b"a", b"b"]), ("two", [b"a", b"x", b"y"])):
        with Log.create(tmp_path / name, ORIGIN, private) as log:
            log.append_all(entries)
    Log.open(tmp_path / "one", kept=kept)
    with pytest.raises(Rejected, match="history was rewritten"):
        Log.open(tmp_path / "two", kept=kept)
    with Log.create(tmp_path / "three", "example.com/other", private):
        pass
    with pytest.raises(Rejected, match="kept checkpoint is of the log"):
        Log.open(tmp_path / "three", kept=kept)


def test_damaged_kept_checkpoint_is_not_ignored(log: Log, directory: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"garbage")
    with pytest.raises(InputError, match="kept checkpoint is damaged"):
        Log.open(directory, kept=kept)


def test_kept_checkpoint_only_moves_up(log: Log, directory: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    log.append(b"a")
    reader = Log.open(directory, kept=kept)
    log.append(b"b")
    Log.open(directory, kept=kept)
    reader.close()
    assert reader.size == 1
    assert SignedCheckpoint.parse(kept.read_bytes()).checkpoint.size == 2
    reader.refresh()
    assert reader.size == 2


def test_key_file_of_the_keys_package(directory: Path, tmp_path: Path) -> None:
    from modelward.attest.keys.signer import signer_from_uri

    path = tmp_path / "log.pem"
    path.write_bytes(
        STRANGER.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    path.chmod(0o600)
    with Log.create(directory, ORIGIN, signer_from_uri(f"file:{path}")) as log:
        assert log.append(b"a") == 0


def test_signature_that_does_not_verify_is_never_written(
    log: Log, directory: Path, private: Ed25519PrivateKey
) -> None:
    class Faulty:
        public = PublicKey.of(private.public_key())
        broken = False

        def sign(self, data: bytes) -> bytes:
            return bytes(64) if self.broken else private.sign(data)

    signer = Faulty()
    faulty = Log.open(directory, signer)
    signer.broken = True
    with pytest.raises(Rejected, match="does not verify"):
        faulty.append(b"a")
    assert not (directory / "wal").stat().st_size
    signer.broken = False
    assert faulty.append(b"b") == 0
