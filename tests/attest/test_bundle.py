"""Sigstore bundles v0.3."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest.bundle import MAX_BUNDLE_BYTES, MAX_TIMESTAMPS, Bundle, sign_statement
from modelward.attest.envelope import PAYLOAD_TYPE, statement_id
from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.keys.public import ALGORITHMS
from modelward.attest.statement import Statement
from modelward.attest.timestamp import verify_token
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected

STATEMENT = Statement("model", Digest.sha256(b"model"), "https://example.com/claim/v1", {"good": True})


@pytest.fixture(scope="module")
def signer():
    return PrivateKeySigner(generate())


@pytest.fixture(scope="module")
def signed(signer):
    return json.loads(sign_statement(STATEMENT, signer).to_bytes())


def read(value):
    return Bundle.from_bytes(json.dumps(value).encode())


def changed(bundle, path, value):
    """A copy of `bundle` with the field at `path` set, or deleted where `value` is ..."""
    copy = json.loads(json.dumps(bundle))
    at = copy
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return copy


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_signed_statement_is_read_back_and_its_signature_holds(algorithm):
    signer = PrivateKeySigner(generate(algorithm))
    bundle = Bundle.from_bytes(sign_statement(STATEMENT, signer).to_bytes())
    assert bundle.statement == STATEMENT
    assert bundle.key_id == signer.public.id
    assert bundle.statement_id == statement_id(STATEMENT.to_bytes())
    assert bundle.timestamps == ()
    bundle.check_signature(signer.public)


def test_writing_is_deterministic(signed):
    data = read(signed).to_bytes()
    assert Bundle.from_bytes(data).to_bytes() == data


def test_identity_is_of_the_statement_not_of_the_signature(signer):
    first, second = sign_statement(STATEMENT, signer), sign_statement(STATEMENT, signer)
    other = sign_statement(STATEMENT, PrivateKeySigner(generate("ed25519")))
    assert first.signature != second.signature
    assert first.statement_id == second.statement_id == other.statement_id


def test_sigstore_reads_what_we_write(signed, tsa, signer):
    models = pytest.importorskip("sigstore_models.bundle.v1")
    stamped = sign_statement(STATEMENT, signer, tsa.respond)
    parsed = models.Bundle.from_dict(json.loads(stamped.to_bytes()))
    assert parsed.media_type == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert parsed.verification_material.public_key.hint == signer.public.id
    assert parsed.dsse_envelope.payload_type == PAYLOAD_TYPE


def test_timestamp_is_stored_and_is_over_the_signature(tsa, signer):
    bundle = Bundle.from_bytes(sign_statement(STATEMENT, signer, tsa.respond).to_bytes())
    (token,) = bundle.timestamps
    assert verify_token(token, bundle.signature, [tsa.certificates])
    assert bundle.statement_id == sign_statement(STATEMENT, signer).statement_id


def test_timestamp_moved_to_another_signature_is_rejected(tsa, signer):
    (token,) = sign_statement(STATEMENT, signer, tsa.respond).timestamps
    later = sign_statement(STATEMENT, signer)
    with pytest.raises(Rejected):
        verify_token(token, later.signature, [tsa.certificates])


def test_signature_by_another_key_is_rejected(signed):
    with pytest.raises(Rejected, match="not made by key"):
        read(signed).check_signature(PrivateKeySigner(generate()).public)


def test_changed_payload_is_rejected(signed, signer):
    other = Statement(STATEMENT.name, STATEMENT.subject, STATEMENT.predicate_type, {"good": False})
    forged = changed(signed, ["dsseEnvelope", "payload"], base64.b64encode(other.to_bytes()).decode())
    with pytest.raises(Rejected):
        read(forged).check_signature(signer.public)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        None,
        ...,
    ],
)
def test_other_bundle_formats_are_refused(signed, media_type):
    with pytest.raises(InputError, match="media type"):
        read(changed(signed, ["mediaType"], media_type))


MATERIAL = "verificationMaterial"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        (["extra"], 1, "unknown field 'extra'"),
        (["messageSignature"], {}, "unknown field 'messageSignature'"),
        (["dsseEnvelope"], ..., "no 'dsseEnvelope'"),
        ([MATERIAL], ..., "no 'verificationMaterial'"),
        ([MATERIAL], [], "JSON object"),
        ([MATERIAL, "certificate"], {"rawBytes": "AAAA"}, "certificate"),
        ([MATERIAL, "x509CertificateChain"], {"certificates": []}, "certificate"),
        ([MATERIAL, "publicKey"], ..., "no 'publicKey'"),
        ([MATERIAL, "publicKey"], {}, "no 'hint'"),
        ([MATERIAL, "publicKey", "rawBytes"], "AAAA", "unknown field 'rawBytes'"),
        ([MATERIAL, "publicKey", "hint"], "", "hint"),
        ([MATERIAL, "publicKey", "hint"], None, "hint"),
        ([MATERIAL, "publicKey", "hint"], "A" * 64, "hint"),
        ([MATERIAL, "publicKey", "hint"], "a" * 64 + "\n", "hint"),
        ([MATERIAL, "tlogEntries"], [{}], "transparency log"),
        ([MATERIAL, "tlogEntries"], None, "transparency log"),
        ([MATERIAL, "timestampVerificationData"], [], "JSON object"),
        ([MATERIAL, "timestampVerificationData"], {"other": []}, "unknown field 'other'"),
        ([MATERIAL, "timestampVerificationData"], {"rfc3161Timestamps": {}}, "at most"),
        ([MATERIAL, "timestampVerificationData"], {"rfc3161Timestamps": [{}]}, "no 'signedTimestamp'"),
        (
            [MATERIAL, "timestampVerificationData"],
            {"rfc3161Timestamps": [{"signedTimestamp": "A"}]},
            "not base64",
        ),
        (
            [MATERIAL, "timestampVerificationData"],
            {"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}] * (MAX_TIMESTAMPS + 1)},
            "at most",
        ),
        (["dsseEnvelope", "signatures", 0, "keyid"], "someone else", "differ"),
        (["dsseEnvelope", "payload"], "e30=", "a statement has exactly"),
    ],
)
def test_malformed_bundle_is_refused(signed, path, value, fault):
    with pytest.raises(InputError, match=fault):
        read(changed(signed, path, value))


def test_second_signature_is_refused_rather_than_skipped(signed):
    signature = signed["dsseEnvelope"]["signatures"][0]
    with pytest.raises(InputError, match="exactly one signature"):
        read(changed(signed, ["dsseEnvelope", "signatures"], [signature, signature]))


def test_repeated_field_is_refused(signed):
    text = '{"mediaType": "x", ' + json.dumps(signed)[1:]
    with pytest.raises(InputError, match="duplicate key"):
        Bundle.from_bytes(text.encode())


def test_oversized_bundle_is_refused():
    with pytest.raises(LimitExceeded):
        Bundle.from_bytes(b" " * (MAX_BUNDLE_BYTES + 1))


def test_deeply_nested_bundle_is_refused():
    with pytest.raises(InputError):
        Bundle.from_bytes(b"[" * 100_000)


@given(st.binary(max_size=300))
def test_rubbish_raises_nothing_but_our_errors(rubbish):
    with pytest.raises(InputError):
        Bundle.from_bytes(rubbish)


@given(data=st.data())
def test_damaged_bundle_raises_nothing_but_our_errors(signed, signer, data):
    text = json.dumps(signed).encode()
    start = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:start] + data.draw(st.binary(max_size=8)) + text[start + data.draw(st.integers(0, 8)) :]
    with contextlib.suppress(InputError, Rejected):
        bundle = Bundle.from_bytes(damaged)
        bundle.check_signature(signer.public)
        assert bundle.payload == STATEMENT.to_bytes()
