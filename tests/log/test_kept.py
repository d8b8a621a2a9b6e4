"""log.kept: the highest checkpoint that somebody has seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modelward.core import merkle
from modelward.core.errors import InputError, Rejected
from modelward.log.checkpoint import Checkpoint, sign_checkpoint
from modelward.log.kept import check_kept, keep, read_kept
from modelward.log.note import NoteSigner

LEAVES = [merkle.leaf_hash(bytes([index])) for index in range(20)]
signer = NoteSigner.of("example.com/log", Ed25519PrivateKey.from_private_bytes(b"l" * 32))


def tree(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    return Checkpoint("example.com/log", size, merkle.root(leaves[:size]))


def prove(old: int, new: int) -> list[bytes]:
    return merkle.consistency_proof(LEAVES[:new], old)


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    assert read_kept(tmp_path / "kept") is None


def test_higher_checkpoint_takes_the_place_of_a_lower_one_only(tmp_path: Path) -> None:
    path = tmp_path / "state" / "kept"
    for size, expected in ((5, 5), (9, 9), (7, 9), (9, 9)):
        keep(path, sign_checkpoint(tree(size), signer))
        assert read_kept(path) == tree(expected)


def test_every_extension_is_accepted() -> None:
    for old in range(len(LEAVES) + 1):
        check_kept(tree(old), tree(len(LEAVES)), prove)


def test_log_that_was_rolled_back_is_rejected() -> None:
    with pytest.raises(Rejected, match="rolled back") as caught:
        check_kept(tree(9), tree(8), prove)
    assert caught.value.help is not None


def test_log_that_was_rewritten_is_rejected() -> None:
    forged = [merkle.leaf_hash(b"forged"), *LEAVES[1:]]
    with pytest.raises(Rejected, match="rewritten"):
        check_kept(tree(9, forged), tree(12), prove)
    with pytest.raises(Rejected, match="different roots"):
        check_kept(tree(9, forged), tree(9), prove)


def test_checkpoint_of_another_log_is_rejected() -> None:
    other = Checkpoint("example.com/other", 3, merkle.root(LEAVES[:3]))
    with pytest.raises(Rejected, match="of the log"):
        check_kept(other, tree(9), prove)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff" * 10])
def test_damaged_file_is_not_taken_for_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "kept"
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged") as caught:
        read_kept(path)
    assert caught.value.where == str(path)


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError):
        keep(tmp_path / "file" / "kept", sign_checkpoint(tree(1), signer))
