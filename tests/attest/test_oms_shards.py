"""OMS signatures by shards, whole and in pieces."""

from __future__ import annotations

import pytest
from tests.attest.model_signatures import FILES, forge, plant, resource, sign_with_reference

from modelward.attest.oms import verify_oms
from modelward.core.errors import InputError, Rejected


def shards(content, size, name="w.bin"):
    return [
        resource(
            f"{name}:{start}:{min(start + size, len(content))}",
            content[start : start + size],
            f"sha256-sharded-{size}",
        )
        for start in range(0, len(content), size)
    ]


def by_shards(size):
    return {"method": "shards", "shard_size": size}


@pytest.fixture
def sharded(tmp_path, signer):
    """A directory with one file of 10 bytes, signed in shards of 4."""
    directory = tmp_path / "sharded"
    plant(directory, {"w.bin": b"0123456789"})
    return directory, forge(signer, shards(b"0123456789", 4), serialization=by_shards(4))


def test_shards_are_verified(sharded, keys):
    assert verify_oms(*sharded, keys).files == 1


def test_whole_float_as_shard_size_is_read(sharded, signer, keys):
    """Defect: the reference package writes 4.0 and fails on it with a TypeError."""
    forged = forge(signer, shards(b"0123456789", 4), serialization=by_shards(4.0))
    assert verify_oms(sharded[0], forged, keys).files == 1


@pytest.mark.parametrize(
    "content", [b"0123456780", b"1123456789", b"0123x56789", b"012345678", b"0123456789a", b""]
)
def test_changed_cut_or_extended_file_is_rejected_in_shard_mode(sharded, keys, content):
    (sharded[0] / "w.bin").write_bytes(content)
    with pytest.raises(Rejected, match=r"changed: w\.bin"):
        verify_oms(*sharded, keys)


def test_empty_file_planted_in_shard_mode_is_rejected(reference, curve_keys, model, tmp_path):
    """Defect: the reference package has no shard for an empty file, so `__init__.py` appears unseen."""
    (model / "a" / "empty").unlink()
    hashing = reference.hashing.Config().use_shard_serialization(shard_size=1000)
    data, public = sign_with_reference(reference, model, curve_keys["p256"], tmp_path / "model.sig", hashing)
    (model / "a" / "__init__.py").write_bytes(b"")
    with pytest.raises(Rejected, match=r"not signed: a/__init__\.py"):
        verify_oms(model, data, public)


def test_missing_and_renamed_files_are_rejected_in_shard_mode(sharded, keys):
    (sharded[0] / "w.bin").rename(sharded[0] / "v.bin")
    with pytest.raises(Rejected, match=r"missing: w\.bin\nnot signed: v\.bin"):
        verify_oms(*sharded, keys)


@pytest.mark.parametrize(
    "pick",
    [
        lambda s: s[1:],
        lambda s: [s[0], s[2]],
        lambda s: [*s[:2], s[0], *s[2:]],
        lambda s: [s[0] | {"name": "w.bin:0:10"}],
        lambda s: [s[0] | {"name": "w.bin:0:5"}, s[1] | {"name": "w.bin:5:9"}],
        lambda s: [s[0] | {"name": "w.bin:00:4"}, *s[1:]],
        lambda s: [s[0] | {"name": "w.bin:4:0"}, *s[1:]],
        lambda s: [s[0] | {"name": "w.bin"}, *s[1:]],
        lambda s: [s[0] | {"algorithm": "sha256"}, *s[1:]],
        lambda s: [s[0] | {"algorithm": "sha256-sharded-8"}, *s[1:]],
        lambda s: [s[0] | {"name": "w.bin:0:99999999999999999999"}],
    ],
    ids=[
        "no first",
        "gap",
        "twice",
        "too long",
        "shifted",
        "zeros",
        "backwards",
        "no range",
        "by file",
        "other size",
        "huge",
    ],
)
def test_shards_that_do_not_cover_the_file_once_are_refused(sharded, signer, keys, pick):
    forged = forge(signer, pick(shards(b"0123456789", 4)), serialization=by_shards(4))
    with pytest.raises(InputError):
        verify_oms(sharded[0], forged, keys)


def test_shards_missing_at_the_end_are_rejected(sharded, signer, keys):
    forged = forge(signer, shards(b"0123456789", 4)[:2], serialization=by_shards(4))
    with pytest.raises(Rejected, match=r"changed: w\.bin"):
        verify_oms(sharded[0], forged, keys)


@pytest.mark.parametrize("size", [0, -4, 4.5, 2.0**60, None, "4"])
def test_odd_shard_size_is_refused(sharded, signer, keys, size):
    forged = forge(signer, shards(b"0123456789", 4), serialization=by_shards(size))
    with pytest.raises(InputError):
        verify_oms(sharded[0], forged, keys)


@pytest.mark.parametrize("shard_size", [1, 100, 4096, 10240, 1_000_000_000])
def test_what_model_signing_signs_in_shards_we_verify(reference, curve_keys, model, tmp_path, shard_size):
    (model / "a" / "empty").unlink()
    if shard_size == 1:
        (model / "a" / "weights.bin").write_bytes(b"short")
    hashing = reference.hashing.Config().use_shard_serialization(shard_size=shard_size)
    data, public = sign_with_reference(reference, model, curve_keys["p256"], tmp_path / "model.sig", hashing)
    result = verify_oms(model, data, public)
    assert (result.files, result.artifact) == (len(FILES) - 1, None)


def test_missing_model_is_an_input_error(sharded, keys, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        verify_oms(tmp_path / "missing", sharded[1], keys)
