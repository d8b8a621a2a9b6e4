"""The same tests for a directory and for a real S3 server."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modelward.artifact.store import Store
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected, UsageError

if TYPE_CHECKING:
    from modelward.artifact.blobs import Blobs

_PREFIXES = itertools.count()


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "directory":
        return Store.open(tmp_path / "store")
    server: Any = request.getfixturevalue("s3_server")
    return Store.open(f"s3://store/p{next(_PREFIXES)}", **server.options)


def blobs_of(store: Store) -> Blobs:
    """What an attacker who holds the store can write to."""
    return store._blobs


def key(digest: Digest) -> str:
    return f"sha256/{digest.value[:2]}/{digest.value}"


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (16 << 20) + 1])
def test_bytes_and_files_come_back_as_they_were(store: Store, tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    source = tmp_path / "source"
    source.write_bytes(content)
    digest = store.put_file(source)
    assert digest == Digest.sha256(content)
    assert store.put_bytes(content) == digest
    assert store.put_file(source, digest) == digest
    assert store.get_bytes(digest) == content
    store.get_file(digest, tmp_path / "new" / "copy")
    assert (tmp_path / "new" / "copy").read_bytes() == content
    assert list(store.digests()) == [digest]


def test_digests_exists_and_delete(store: Store) -> None:
    digests = sorted(store.put_bytes(bytes([n])) for n in range(5))
    assert sorted(store.digests()) == digests
    for _ in range(2):
        store.delete(digests[0])
    assert not store.exists(digests[0])
    assert store.exists(digests[1])
    assert sorted(store.digests()) == digests[1:]


def test_missing_blob_is_an_error_not_an_answer(store: Store, tmp_path: Path) -> None:
    digest = Digest.sha256(b"nobody put this")
    assert not store.exists(digest)
    with pytest.raises(InputError, match="does not hold") as caught:
        store.get_bytes(digest)
    assert caught.value.where == str(digest)
    with pytest.raises(InputError, match="does not hold"):
        store.get_file(digest, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "wrong bytes": lambda content: bytes(len(content)),
    "one bit": lambda content: bytes([content[0] ^ 1]) + content[1:],
    "truncated": lambda content: content[:-1],
    "emptied": lambda content: b"",
    "longer": lambda content: content + b"x",
}


@pytest.mark.parametrize("attack", HOSTILE.values(), ids=HOSTILE)
def test_store_with_other_bytes_under_a_digest_is_rejected(
    store: Store, tmp_path: Path, attack: Callable[[bytes], bytes]
) -> None:
    content = os.urandom(100_000)
    digest = Digest.sha256(content)
    bad = attack(content)
    blobs_of(store).write(key(digest), [bad], len(bad))
    target = tmp_path / "target"
    target.write_bytes(b"as it was")
    with pytest.raises(Rejected, match="other bytes"):
        store.get_bytes(digest)
    with pytest.raises(Rejected, match="other bytes"):
        store.get_file(digest, target)
    assert target.read_bytes() == b"as it was"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["target"]


def test_blob_swapped_for_another_blob_is_rejected(store: Store) -> None:
    good, bad = store.put_bytes(b"good"), store.put_bytes(b"evil")
    blobs_of(store).delete(key(good))
    blobs_of(store).write(key(good), blobs_of(store).read(key(bad)), 4)
    with pytest.raises(Rejected):
        store.get_bytes(good)


@pytest.mark.parametrize("damaged", [b"", b"trunc"])
def test_putting_again_mends_a_truncated_blob(store: Store, damaged: bytes) -> None:
    content = b"truncated by a full disk"
    digest = Digest.sha256(content)
    blobs_of(store).write(key(digest), [damaged], len(damaged))
    store.put_bytes(content)
    assert store.get_bytes(digest) == content


def test_names_that_are_no_digests_are_passed_over(store: Store) -> None:
    digest = store.put_bytes(b"x")
    other = digest.value[2:4]
    for name in (
        f"sha256/{other}/{digest.value}",
        f"sha256/ab/ab{'g' * 62}",
        "sha256/ab/.abc.tmp",
        "etc/ab/passwd",
    ):
        blobs_of(store).write(name, [b"x"], 1)
    found = list(store.digests())
    assert digest in found
    assert len(found) == 1 + (other == digest.value[:2])


def test_reading_is_bounded(store: Store, tmp_path: Path) -> None:
    digest = store.put_bytes(bytes(1000))
    assert len(store.get_bytes(digest, max_bytes=1000)) == 1000
    with pytest.raises(LimitExceeded):
        store.get_bytes(digest, max_bytes=999)
    with pytest.raises(LimitExceeded):
        store.get_file(digest, tmp_path / "copy", max_bytes=999)
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("size", [100, 20 << 20])
def test_file_that_has_not_the_digest_it_is_put_under_is_rejected(
    store: Store, tmp_path: Path, size: int
) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(size))
    with pytest.raises(Rejected, match="does not have"):
        store.put_file(source, Digest.sha256(b"something else"))
    assert list(store.digests()) == []


def test_tree_digest_is_not_a_blob(store: Store) -> None:
    digest = Digest("dirHash", store.put_bytes(b"manifest").value)
    for act in (store.get_bytes, store.exists, store.delete):
        with pytest.raises(InputError, match="sha256"):
            act(digest)


def test_many_writers_of_the_same_blobs(store: Store) -> None:
    contents = [bytes([n]) * 10_000 for n in range(8)]
    threads = [threading.Thread(target=lambda: [store.put_bytes(c) for c in contents]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(store.digests()) == sorted(map(Digest.sha256, contents))
    assert [store.get_bytes(Digest.sha256(content)) for content in contents] == contents


def test_unreadable_source_is_named(store: Store, tmp_path: Path) -> None:
    for digest in (None, Digest.sha256(b"")):
        with pytest.raises(InputError) as caught:
            store.put_file(tmp_path / "missing", digest)
        assert caught.value.where == str(tmp_path / "missing")


@pytest.mark.parametrize("location", ["http://host/x", "ftp://host/x", "file:///x", "S3://x", "://x"])
def test_unknown_kind_of_store_is_refused(location: str) -> None:
    with pytest.raises(UsageError, match="no store of the kind"):
        Store.open(location)


def test_directory_takes_no_options(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no options"):
        Store.open(tmp_path, region="x")


def test_relative_directory_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store.open("blobs")
    digest = store.put_bytes(b"x")
    monkeypatch.chdir("/")
    assert store.get_bytes(digest) == b"x"
