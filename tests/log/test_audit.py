"""log.audit: whatever is changed in a log's directory is found, and named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import InputError, ModelwardError, Rejected
from modelward.log import tiles
from modelward.log.audit import AuditReport, audit
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from modelward.log.note import NoteKey, NoteSigner
from modelward.log.sequencer import Log

ORIGIN = "example.com/log"
SIZE = 600
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = NoteKey(ORIGIN, PRIVATE.public_key().public_bytes_raw())


def entry(index: int) -> bytes:
    return b"entry %d" % index


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("audit") / "log"
    with Log.create(directory, ORIGIN, PRIVATE) as log:
        log.append_all([entry(index) for index in range(100)])
        (directory.parent / "old").write_bytes(log.checkpoint())
        log.append_all([entry(index) for index in range(100, SIZE)])
    return directory


@pytest.fixture
def copied(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "log"))


def edit_bundle(directory: Path, index: int, change: Callable[[list[bytes]], None]) -> None:
    width = min(256, SIZE - index * 256)
    path = directory / tiles.bundle_name(index, width)
    entries = list(tiles.decode_bundle(path.read_bytes()))
    change(entries)
    path.write_bytes(tiles.encode_bundle(entries))


def edit_tile(directory: Path, name: str, at: int, value: bytes) -> None:
    path = directory / name
    data = path.read_bytes()
    path.write_bytes(data[: at * 32] + value + data[(at + 1) * 32 :])


def found(report: AuditReport) -> list[str]:
    return [str(problem) for problem in report.problems]


def test_sound_log_has_no_problems(copied: Path, template: Path) -> None:
    report = audit(copied, KEY, (template.parent / "old").read_bytes())
    assert report.ok
    assert (report.checkpoint.size, report.signed) == (SIZE, True)
    assert report.old is not None
    assert report.old.size == 100


def test_audit_without_a_key_says_so(copied: Path) -> None:
    report = audit(copied)
    assert report.ok
    assert not report.signed


def test_empty_log_is_sound(directory: Path) -> None:
    Log.create(directory, ORIGIN, PRIVATE)
    assert audit(directory, KEY).ok


@pytest.mark.parametrize("index", [0, 3, 255, 256, 599])
def test_changed_entry_is_named(copied: Path, index: int) -> None:
    def change(entries: list[bytes]) -> None:
        entries[index % 256] = b"forged"

    edit_bundle(copied, index // 256, change)
    assert found(audit(copied, KEY)) == [f"entry {index}: changed"]


@pytest.mark.parametrize("index", [0, 3, 255, 256, 599])
def test_removed_entry_is_named(copied: Path, index: int) -> None:
    edit_bundle(copied, index // 256, lambda entries: entries.pop(index % 256) and None)
    assert found(audit(copied, KEY)) == [f"entry {index}: removed"]


def test_reordered_entries_are_named(copied: Path) -> None:
    def change(entries: list[bytes]) -> None:
        entries[3], entries[7] = entries[7], entries[3]

    edit_bundle(copied, 1, change)
    assert found(audit(copied, KEY)) == ["entry 259: moved to 263", "entry 263: moved to 259"]


def test_inserted_entry_is_named(copied: Path) -> None:
    edit_bundle(copied, 0, lambda entries: entries.insert(9, b"forged"))
    assert found(audit(copied, KEY)) == ["entry 9: 1 forged before it"]


def test_entry_moved_to_another_bundle_is_named(copied: Path) -> None:
    taken: list[bytes] = []
    edit_bundle(copied, 0, lambda entries: taken.append(entries.pop(5)))
    edit_bundle(copied, 1, lambda entries: entries.insert(0, taken[0]))
    assert found(audit(copied, KEY)) == ["entry 5: removed", "entry 256: 1 forged before it"]


@pytest.mark.parametrize("name", ["tile/entries/000", "tile/entries/002.p/88", "tile/0/001"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_damaged_file_is_named(copied: Path, name: str, damage: str) -> None:
    path = copied / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else path.read_bytes()[:-1])
    problems = found(audit(copied, KEY))
    if damage == "empty" and "entries" in name:
        assert all(problem.endswith(": removed") for problem in problems)
        assert len(problems) == (256 if "000" in name else 88)
    else:
        assert len(problems) == 1
        assert problems[0].startswith(str(path))


@pytest.mark.parametrize("name", ["tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"])
def test_changed_tile_is_named(copied: Path, name: str) -> None:
    edit_tile(copied, name, 1, b"x" * 32)
    (problem,) = found(audit(copied, KEY))
    assert problem.startswith(f"{copied / name}: this tile was changed")


@pytest.mark.parametrize("name", ["tile/0/002.p/88", "tile/1/000.p/2"])
def test_missing_tile_at_the_edge_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    problems = found(audit(copied, KEY))
    assert problems
    assert all(problem.startswith(str(copied / name)) for problem in problems)


def test_entry_changed_with_its_tile_is_named(copied: Path) -> None:
    def change(entries: list[bytes]) -> None:
        entries[3] = b"forged"

    edit_bundle(copied, 1, change)
    edit_tile(copied, "tile/0/001", 3, merkle.leaf_hash(b"forged"))
    problems = found(audit(copied, KEY))
    assert "entries 256 to 511: some were changed, with their tile" in problems
    assert any(str(copied / "tile/0/001") in problem for problem in problems)


def test_history_rewritten_with_all_its_tiles_is_found(copied: Path, tmp_path: Path) -> None:
    forged = [entry(index) for index in range(SIZE)]
    forged[3] = b"forged"
    with Log.create(tmp_path / "forged", ORIGIN, PRIVATE) as log:
        log.append_all(forged)
    shutil.rmtree(copied / "tile")
    shutil.copytree(tmp_path / "forged" / "tile", copied / "tile")
    assert found(audit(copied, KEY)) == ["checkpoint: the entries do not give the root that it signs"]


def test_history_rewritten_and_signed_again_contradicts_an_old_checkpoint(
    template: Path, tmp_path: Path
) -> None:
    forged = [entry(index) for index in range(SIZE)]
    forged[3] = b"forged"
    with Log.create(tmp_path / "forged", ORIGIN, PRIVATE) as log:
        log.append_all(forged)
    assert audit(tmp_path / "forged", KEY).ok
    report = audit(tmp_path / "forged", KEY, (template.parent / "old").read_bytes())
    assert found(report) == ["checkpoint: the first 100 entries are not those that the old checkpoint signs"]


def test_log_rolled_back_behind_an_old_checkpoint_is_found(template: Path, tmp_path: Path) -> None:
    with Log.create(tmp_path / "short", ORIGIN, PRIVATE) as log:
        log.append_all([entry(index) for index in range(99)])
    report = audit(tmp_path / "short", KEY, (template.parent / "old").read_bytes())
    assert found(report) == ["checkpoint: the log has 99 entries, but had 100: it was rolled back"]


def test_old_checkpoint_of_the_same_size_with_another_root_is_found(copied: Path) -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, SIZE, b"r" * 32), NoteSigner.of(ORIGIN, PRIVATE))
    assert len(audit(copied, KEY, other).problems) == 1
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT), NoteSigner.of(ORIGIN, PRIVATE))
    assert audit(copied, KEY, empty).ok


def test_checkpoint_by_another_key_is_rejected(copied: Path) -> None:
    stranger = NoteKey(ORIGIN, b"k" * 32)
    with pytest.raises(Rejected):
        audit(copied, stranger)
    other = NoteSigner.of(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"s" * 32))
    with pytest.raises(Rejected):
        audit(copied, KEY, sign_checkpoint(Checkpoint(ORIGIN, 1, b"r" * 32), other))


def test_old_checkpoint_of_another_log_is_rejected(copied: Path) -> None:
    other = sign_checkpoint(Checkpoint("other", 1, b"r" * 32), NoteSigner.of("other", PRIVATE))
    with pytest.raises(Rejected):
        audit(copied, KEY, other)
    with pytest.raises(Rejected, match="another log"):
        audit(copied, None, other)


def test_missing_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no log"):
        audit(tmp_path)


def test_log_with_a_write_ahead_file_is_audited_with_it(
    directory: Path, private: Ed25519PrivateKey, log_key: NoteKey
) -> None:
    log = Log.create(directory, ORIGIN, private)
    log.append_all([entry(index) for index in range(300)])
    assert (directory / "wal").stat().st_size
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    report = audit(directory, log_key)
    assert report.ok
    assert report.checkpoint.size == 300
    assert {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()} == before


def test_flood_of_problems_is_counted(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelward.log.audit.MAX_PROBLEMS", 10)
    edit_bundle(copied, 0, lambda entries: entries.reverse())
    report = audit(copied, KEY)
    assert (len(report.problems), report.unlisted) == (10, 246)


PUBLIC = ["checkpoint", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"]
PUBLIC += ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"]


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_any_changed_bit_of_any_file_is_found(template: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(PUBLIC))
    path = template / name
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    path.write_bytes(before[:at] + bytes([before[at] ^ bit]) + before[at + 1 :])
    try:
        assert audit(template, KEY).problems
    except ModelwardError:
        assert name == "checkpoint"
    finally:
        path.write_bytes(before)
    assert SignedCheckpoint.parse((template / "checkpoint").read_bytes()).verify(KEY).size == SIZE
