"""Against a real S3 server."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from modelward.artifact import blobs_remote
from modelward.artifact.blobs_remote import SINGLE_PUT_BYTES, RemoteBlobs
from modelward.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from tests.conftest import S3Server

KEY = "sha256/ab/abcd"
_PREFIXES = itertools.count()


@pytest.fixture
def blobs(s3_server: S3Server) -> RemoteBlobs:
    return RemoteBlobs(f"s3://models/p{next(_PREFIXES)}", s3_server.options)


def chunks(size: int) -> Iterator[bytes]:
    for start in range(0, size, 1 << 20):
        yield bytes([start >> 20 & 255]) * min(1 << 20, size - start)


@pytest.mark.parametrize("size", [0, 1, SINGLE_PUT_BYTES, SINGLE_PUT_BYTES + 1])
def test_blob_is_kept_in_one_put_or_in_parts(blobs: RemoteBlobs, size: int) -> None:
    for _ in range(2):
        blobs.write(KEY, chunks(size), size)
    assert blobs.holds(KEY, size)
    assert b"".join(blobs.read(KEY)) == b"".join(chunks(size))
    assert list(blobs.list_keys()) == [KEY]
    blobs.delete(KEY)
    assert not blobs.exists(KEY)


@pytest.mark.parametrize("size", [10 << 20, 40 << 20])
def test_source_that_fails_at_its_end_leaves_nothing(blobs: RemoteBlobs, size: int) -> None:
    def broken() -> Iterator[bytes]:
        yield from chunks(size)
        raise InputError("the file changed")

    with pytest.raises(InputError, match="changed"):
        blobs.write(KEY, broken(), size)
    assert not blobs.exists(KEY)
    assert list(blobs.list_keys()) == []


def test_missing_blob(blobs: RemoteBlobs) -> None:
    assert not blobs.exists(KEY)
    assert not blobs.holds(KEY, 0)
    blobs.delete(KEY)
    with pytest.raises(FileNotFoundError):
        next(blobs.read(KEY))


def test_first_writer_wins_unless_its_bytes_cannot_be_right(blobs: RemoteBlobs) -> None:
    blobs.write(KEY, [b"right"], 5)
    blobs.write(KEY, [b"wrong"], 5)
    assert b"".join(blobs.read(KEY)) == b"right"
    blobs.write(KEY, [b"longer"], 6)
    assert b"".join(blobs.read(KEY)) == b"longer"


def test_environment_configures_it(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    url = f"s3://models/p{next(_PREFIXES)}"
    RemoteBlobs(url, {}).write(KEY, [b"x"], 1)
    assert RemoteBlobs(url, s3_server.options).exists(KEY)


def test_wrong_credentials_are_an_error_that_holds_no_secret(s3_server: S3Server) -> None:
    blobs = RemoteBlobs("s3://models/p", s3_server.options | {"secret_access_key": "not-the-secret"})
    with pytest.raises(InputError) as caught:
        blobs.write(KEY, [b"x"], 1)
    assert "not-the-secret" not in str(caught.value)
    assert "\n" not in caught.value.message
    assert caught.value.where == "s3://models/p/" + KEY


def test_server_that_is_not_there_is_an_error(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs_remote, "_RETRY", {"max_retries": 0})
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        blobs = RemoteBlobs("s3://models", s3_server.options | {"endpoint": endpoint})
        for act in (
            lambda: blobs.exists(KEY),
            lambda: list(blobs.read(KEY)),
            lambda: list(blobs.list_keys()),
        ):
            with pytest.raises(InputError, match="does not answer"):
                act()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("s3://models", {"nonsense": "1"}),
        ("s3://models", {"timeout": "soon"}),
        ("s3://models", {"root_certificate": "no certificate"}),
        ("s3://", {}),
        ("gs://", {}),
        ("az://container", {}),
    ],
)
def test_options_that_make_no_sense_are_refused(url: str, options: dict[str, str]) -> None:
    with pytest.raises(UsageError) as caught:
        RemoteBlobs(url, options)
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("content", [os.urandom(3 << 20)])
def test_bytes_come_in_chunks(blobs: RemoteBlobs, content: bytes) -> None:
    blobs.write(KEY, [content], len(content))
    assert b"".join(blobs.read(KEY)) == content
