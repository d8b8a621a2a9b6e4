"""A log key, and logs of known content."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.log.note import NoteKey
from modelward.log.sequencer import Log

ORIGIN = "example.com/log"


@pytest.fixture(scope="session")
def private() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def log_key(private: Ed25519PrivateKey) -> NoteKey:
    return NoteKey(ORIGIN, private.public_key().public_bytes_raw())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def log(directory: Path, private: Ed25519PrivateKey) -> Log:
    """An empty log."""
    return Log.create(directory, ORIGIN, private)
