"""OpenSSF model signatures: both ways with the reference package, and what it lets through."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attest.model_signatures import (
    CURVES,
    FILES,
    certificate_signature,
    forge,
    forge_files,
    plant,
    resource,
    sign_with_reference,
    verify_with_reference,
)

from modelward.artifact.hashing import digest_of
from modelward.attest.bundle import Bundle, sign_payload
from modelward.attest.keys.file import PrivateKeySigner, generate, write_key
from modelward.attest.keys.public import PublicKey
from modelward.attest.oms import sign_oms, verify_oms
from modelward.attest.predicates import OmsSignature
from modelward.attest.statement import Statement
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError

# -- both ways with the reference package


@pytest.mark.parametrize("curve", CURVES)
def test_what_model_signing_signs_we_verify(reference, curve_keys, curve, model, tmp_path):
    data, public = sign_with_reference(reference, model, curve_keys[curve], tmp_path / "model.sig")
    result = verify_oms(model, data, public)
    assert result.files == len(FILES)
    assert result.name == "fraud-scorer"
    assert result.artifact == digest_of(model)


def test_single_file_that_model_signing_signs_we_verify(reference, curve_keys, model, tmp_path):
    weights = model / "a" / "weights.bin"
    data, public = sign_with_reference(reference, weights, curve_keys["p256"], tmp_path / "model.sig")
    assert verify_oms(weights, data, public).artifact == digest_of(weights)
    hashing = reference.hashing.Config().use_shard_serialization(shard_size=1000)
    data, public = sign_with_reference(
        reference, weights, curve_keys["p256"], tmp_path / "model.sig", hashing
    )
    assert verify_oms(weights, data, public).files == 1
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    with pytest.raises(Rejected, match="changed"):
        verify_oms(weights, data, public)


def test_signature_inside_the_model_is_left_out_of_it(reference, curve_keys, model):
    inside = model / "model.sig"
    private, public = curve_keys["p256"]
    command = [sys.executable, "-m", "model_signing", "sign", "key", str(model)]
    subprocess.run(
        [*command, "--private_key", str(private), "--signature", str(inside)],
        check=True,
        capture_output=True,
    )
    key = PublicKey.from_pem(public.read_bytes())
    assert verify_oms(model, inside.read_bytes(), [key], signature_path=inside).files == len(FILES)


@pytest.mark.parametrize("algorithm", ["ecdsa-p256", "ecdsa-p384"])
@pytest.mark.parametrize("inside", [False, True])
def test_what_we_sign_model_signing_verifies(reference, model, tmp_path, algorithm, inside):
    private = generate(algorithm)
    write_key(tmp_path / "key.pem", private, None)
    path = (model if inside else tmp_path) / "model.sig"
    path.write_bytes(sign_oms(model, PrivateKeySigner(private), signature_path=path).to_bytes())
    verify_with_reference(reference, model, tmp_path / "key.pub", path)
    (model / "config.json").write_bytes(b"changed")
    with pytest.raises(ValueError, match="mismatch"):
        verify_with_reference(reference, model, tmp_path / "key.pub", path)


def test_single_file_that_we_sign_model_signing_verifies(reference, model, tmp_path):
    private = generate()
    write_key(tmp_path / "key.pem", private, None)
    weights = model / "a" / "weights.bin"
    (tmp_path / "model.sig").write_bytes(sign_oms(weights, PrivateKeySigner(private)).to_bytes())
    verify_with_reference(reference, weights, tmp_path / "key.pub", tmp_path / "model.sig")


def test_timestamped_signature_is_still_read_by_model_signing(reference, model, tmp_path, tsa):
    private = generate()
    write_key(tmp_path / "key.pem", private, None)
    bundle = sign_oms(model, PrivateKeySigner(private), timestamp=tsa.respond)
    (tmp_path / "model.sig").write_bytes(bundle.to_bytes())
    verify_with_reference(reference, model, tmp_path / "key.pub", tmp_path / "model.sig")


def test_both_give_the_same_root(reference, model, signer, curve_keys, tmp_path):
    data, _ = sign_with_reference(reference, model, curve_keys["p256"], tmp_path / "model.sig")
    ours, theirs = sign_oms(model, signer).statement, Bundle.from_bytes(data).statement
    assert ours.subject == theirs.subject
    assert ours.typed(OmsSignature).resources == theirs.typed(OmsSignature).resources


def test_link_in_the_tree_counts_as_its_file_and_is_declared(model, signer, keys):
    (model / "alias.bin").symlink_to("a/weights.bin")
    bundle = sign_oms(model, signer)
    assert bundle.statement.predicate["serialization"]["allow_symlinks"] is True
    assert verify_oms(model, bundle.to_bytes(), keys).files == len(FILES) + 1


def test_renamed_directory_is_the_same_model(model, signature, keys, tmp_path):
    model.rename(tmp_path / "copy")
    assert verify_oms(tmp_path / "copy", signature, keys).name == "fraud-scorer"


def test_ed25519_cannot_make_oms_signatures(model):
    with pytest.raises(UsageError, match="ed25519"):
        sign_oms(model, PrivateKeySigner(generate("ed25519")))


# -- timestamps


def test_timestamp_proves_when_the_model_was_signed(model, signer, keys, tsa, make_tsa):
    data = sign_oms(model, signer, timestamp=tsa.respond).to_bytes()
    assert verify_oms(model, data, keys).signed_at is None
    assert verify_oms(model, data, keys, authorities=[tsa.certificates]).signed_at is not None
    with pytest.raises(Rejected, match="trusted authority"):
        verify_oms(model, data, keys, authorities=[make_tsa("other").certificates])


def test_missing_timestamp_is_rejected_where_one_is_asked_for(model, signature, keys, tsa):
    with pytest.raises(Rejected, match="no timestamp"):
        verify_oms(model, signature, keys, authorities=[tsa.certificates])


# -- the files


def test_changed_missing_and_planted_files_are_named(model, signature, keys):
    (model / "config.json").write_bytes(b"[]")
    (model / "a.txt").unlink()
    (model / "a" / "payload.py").write_bytes(b"import os")
    with pytest.raises(Rejected) as refusal:
        verify_oms(model, signature, keys)
    assert refusal.value.message.splitlines()[1:] == [
        "changed: config.json",
        "missing: a.txt",
        "not signed: a/payload.py",
    ]


def test_file_renamed_so_that_the_root_stays_is_rejected(model, signature, keys):
    """Defect: the OMS root covers digests only, so a renamed file keeps it."""
    (model / "config.json").rename(model / "conftest.json")
    with pytest.raises(Rejected, match=r"missing: config\.json\nnot signed: conftest\.json"):
        verify_oms(model, signature, keys)


def test_two_files_swapped_so_that_the_set_of_digests_stays_are_rejected(model, signature, keys):
    one, two = (model / "config.json").read_bytes(), (model / "a.txt").read_bytes()
    (model / "config.json").write_bytes(two)
    (model / "a.txt").write_bytes(one)
    with pytest.raises(Rejected, match=r"changed: a\.txt, config\.json"):
        verify_oms(model, signature, keys)


def test_signed_root_of_other_resources_is_rejected(model, signer, keys):
    forged = forge_files(signer, FILES, root=Digest.sha256(b"other"))
    with pytest.raises(Rejected, match="signed root"):
        verify_oms(model, forged, keys)


@pytest.mark.parametrize("planted", [".git/hooks/post-checkout", ".github/run.yml", ".gitattributes"])
def test_file_planted_under_a_git_name_is_rejected(model, signature, keys, planted):
    """Defect: the reference package skips these names whatever was signed."""
    plant(model, {planted: b"#!/bin/sh\nid"})
    with pytest.raises(Rejected, match=f"not signed: {planted}"):
        verify_oms(model, signature, keys)


@pytest.mark.parametrize("planted", [".git/hooks/post-checkout", ".github/run.yml", ".gitattributes"])
def test_file_planted_where_the_signer_did_not_look_is_rejected(
    reference, curve_keys, model, tmp_path, planted
):
    data, public = sign_with_reference(reference, model, curve_keys["p256"], tmp_path / "model.sig")
    plant(model, {planted: b"#!/bin/sh\nid"})
    verify_with_reference(reference, model, curve_keys["p256"][1], tmp_path / "model.sig")
    with pytest.raises(Rejected, match=f"left out files that exist: {planted}"):
        verify_oms(model, data, public)
    result = verify_oms(model, data, public, allow_ignored=True)
    assert result.ignored == (planted,)


def test_link_planted_where_the_signer_did_not_look_is_rejected(model, signer, keys):
    data = sign_oms(model, signer, ignore=["cache"]).to_bytes()
    assert verify_oms(model, data, keys).ignored == ()
    (model / "cache").symlink_to("/etc")
    with pytest.raises(Rejected, match="left out files that exist: cache"):
        verify_oms(model, data, keys)


@pytest.mark.parametrize("ignored", [".", "/", "", "..", "a/..", "/etc", "a//b", "./a", "\x1b[2J", "a\\b"])
def test_ignored_path_that_leaves_nothing_to_check_is_refused(model, signer, keys, ignored):
    forged = forge_files(signer, FILES, serialization={"ignore_paths": [ignored]})
    with pytest.raises(InputError):
        verify_oms(model, forged, keys, allow_ignored=True)
    with pytest.raises(InputError, match="cannot ignore"):
        sign_oms(model, signer, ignore=[ignored])


def test_only_the_named_signature_file_is_left_out(model, signer, keys):
    path = model / "model.sig"
    path.write_bytes(sign_oms(model, signer, signature_path=path).to_bytes())
    assert verify_oms(model, path.read_bytes(), keys, signature_path=path).files == len(FILES)
    with pytest.raises(Rejected, match=r"left out files that exist: model\.sig"):
        verify_oms(model, path.read_bytes(), keys)
    (model / "other.sig").write_bytes(path.read_bytes())
    with pytest.raises(Rejected, match=r"not signed: other\.sig"):
        verify_oms(model, path.read_bytes(), keys, signature_path=path)


def test_link_out_of_the_tree_is_refused(model, signature, keys, tmp_path):
    (tmp_path / "config.json").write_bytes(FILES["config.json"])
    (model / "config.json").unlink()
    (model / "config.json").symlink_to(tmp_path / "config.json")
    with pytest.raises(InputError, match="link"):
        verify_oms(model, signature, keys)


# -- the signature


def test_without_a_key_nothing_is_trusted(model, signature):
    """Defect: with no certificate given, the reference package trusts every web authority."""
    with pytest.raises(UsageError, match="no public key"):
        verify_oms(model, signature, [])


def test_signature_by_another_key_is_rejected(model, signature):
    with pytest.raises(Rejected, match="another key"):
        verify_oms(model, signature, [PrivateKeySigner(generate()).public])


def test_signature_that_only_names_the_right_key_is_rejected(model, signer, keys):
    data = json.loads(sign_oms(model, PrivateKeySigner(generate())).to_bytes())
    data["verificationMaterial"]["publicKey"]["hint"] = signer.public.oms_hint
    with pytest.raises(Rejected, match="not made by key"):
        verify_oms(model, json.dumps(data).encode(), keys)


def test_second_signature_is_refused_rather_than_skipped(model, signature, keys):
    """Defect: the reference package reads `signatures[0]` only."""
    data = json.loads(signature)
    data["dsseEnvelope"]["signatures"] *= 2
    with pytest.raises(InputError, match="exactly one signature"):
        verify_oms(model, json.dumps(data).encode(), keys)


@pytest.mark.parametrize(
    ("expired", "usage"),
    [(False, None), (True, None), (False, x509.ExtendedKeyUsageOID.EMAIL_PROTECTION)],
    ids=["valid", "expired before signing", "for another purpose"],
)
def test_certificate_is_refused_even_where_model_signing_accepts_it(
    reference, model, tmp_path, expired, usage
):
    """Defects: a certificate that expired before signing, or is for anything at all, is accepted."""
    data, key = certificate_signature(reference, model, tmp_path, expired=expired, usage=usage)
    with pytest.raises(InputError, match="signed with a certificate"):
        verify_oms(model, data, [key])


def test_legacy_predicate_is_refused(model, signer, keys):
    """Defect: the predicate of v0.2, which has no root and no complete list, is still accepted."""
    claim = Statement(
        "config.json", Digest.sha256(FILES["config.json"]), "https://model_signing/Digests/v0.1", {}
    )
    data = sign_payload(claim, claim.to_bytes(), signer, key_id=signer.public.oms_hint).to_bytes()
    with pytest.raises(InputError, match=r"not an OMS v1\.0 model signature"):
        verify_oms(model, data, keys)


def test_legacy_signing_bytes_are_rejected(model, signer, keys):
    """The reference package also accepts signatures over its old, wrong pre-authentication encoding."""
    data = json.loads(sign_oms(model, signer).to_bytes())
    payload = Bundle.from_bytes(json.dumps(data).encode()).payload
    kind = "application/vnd.in-toto+json"
    old = f"DSSEV1 {len(kind)} {kind} {len(payload)} {payload}".encode()
    data["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(signer.sign(old)).decode()
    with pytest.raises(Rejected, match="not made by key"):
        verify_oms(model, json.dumps(data).encode(), keys)


def test_two_subjects_are_refused(model, signer, keys):
    claim = sign_oms(model, signer).statement
    value = json.loads(claim.to_bytes())
    value["subject"] *= 2
    data = sign_payload(claim, strict_json.dumps(value), signer, key_id=signer.public.oms_hint)
    with pytest.raises(InputError, match="exactly one subject"):
        verify_oms(model, data.to_bytes(), keys)


@pytest.mark.parametrize(
    ("resources", "fault"),
    [
        ([resource("config.json", b"{}"), resource("config.json", b"[]")], "signed twice"),
        ([resource("../config.json", b"{}")], r"holds '\.\.'"),
        ([resource("/etc/passwd", b"{}")], "absolute"),
        ([resource("a\nb", b"{}")], "control character"),
        ([resource("config.json", b"{}", "md5")], "by md5"),
        ([resource("config.json", b"{}", "blake3")], "by blake3"),
        ([resource(".", b"{}"), resource("config.json", b"{}")], "names other files too"),
        ([resource("config.json", b"{}") | {"digest": "AB" * 32}], "digest"),
        ([resource("config.json", b"{}") | {"extra": 1}], "extra"),
    ],
)
def test_odd_resources_are_refused(model, signer, keys, resources, fault):
    with pytest.raises(InputError, match=fault):
        verify_oms(model, forge(signer, resources), keys)


def test_signature_over_nothing_is_rejected(signer, keys, tmp_path):
    with pytest.raises(Rejected, match="covers no file"):
        verify_oms(tmp_path, forge(signer, []), keys)


@pytest.mark.parametrize(
    "serialization",
    [
        {"hash_type": "blake3"},
        {"method": "tensors"},
        {"shard_size": 4},
        {"follow": True},
        {"allow_symlinks": 1},
    ],
)
def test_unknown_ways_of_hashing_are_refused(model, signer, keys, serialization):
    with pytest.raises(InputError):
        verify_oms(model, forge_files(signer, FILES, serialization=serialization), keys)


def test_signature_of_a_directory_says_nothing_about_a_file(model, signature, keys):
    with pytest.raises(Rejected, match="a directory was signed, and this is a single file"):
        verify_oms(model / "config.json", signature, keys)


def test_signature_of_a_file_says_nothing_about_a_directory(model, signer, keys):
    data = sign_oms(model / "config.json", signer).to_bytes()
    with pytest.raises(Rejected, match="a single file was signed, and this is a directory"):
        verify_oms(model, data, keys)


def test_missing_model_is_an_input_error(keys, tmp_path, signature):
    with pytest.raises(InputError, match="no such file"):
        verify_oms(tmp_path / "missing", signature, keys)


def test_our_own_key_id_is_understood_as_a_hint(model, signer, keys):
    data = json.loads(sign_oms(model, signer).to_bytes())
    data["verificationMaterial"]["publicKey"]["hint"] = signer.public.id
    assert verify_oms(model, json.dumps(data).encode(), keys).key == signer.public


field_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(
    value=field_values,
    field=st.sampled_from(["serialization", "resources", "shard_size", "ignore_paths", "name"]),
)
def test_any_signed_predicate_raises_nothing_but_our_errors(tmp_path_factory, signer, keys, value, field):
    directory = Path(tmp_path_factory.getbasetemp()) / "fuzzed"
    plant(directory, {"config.json": b"{}"})
    item = resource("config.json", b"{}")
    predicate = {
        "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False},
        "resources": [item],
    }
    if field in predicate:
        predicate[field] = value
    elif field == "name":
        item["name"] = value
    else:
        predicate["serialization"] |= {"method": "shards", "shard_size": 4} | {field: value}
    claim = Statement("m", Digest.sha256(bytes.fromhex(item["digest"])), OmsSignature.TYPE, predicate)
    data = sign_payload(claim, claim.to_bytes(), signer, key_id=signer.public.oms_hint).to_bytes()
    with contextlib.suppress(InputError, Rejected):
        verify_oms(directory, data, keys, allow_ignored=True)
