"""Public keys."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.keys.public import ALGORITHMS, OMS_ALGORITHMS, PublicKey
from modelward.core.errors import InputError, LimitExceeded, Rejected


def pem_of(private):
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_key_is_read_named_and_checks_signatures(algorithm):
    signer = PrivateKeySigner(generate(algorithm))
    key = PublicKey.from_pem(signer.public.pem)
    assert key == signer.public
    assert key.algorithm == algorithm
    assert key.id == hashlib.sha256(key.spki).hexdigest()
    assert key.oms_hint == hashlib.sha256(key.pem.encode()).hexdigest()
    assert key.label == f"{algorithm}:{key.id[:4]}…{key.id[-2:]}"
    key.verify(signer.sign(b"data"), b"data")
    with pytest.raises(Rejected):
        key.verify(signer.sign(b"data"), b"other")


def test_the_same_key_written_otherwise_has_the_same_name():
    private = generate()
    pem = pem_of(private).decode()
    body = "".join(pem.splitlines()[1:-1])
    rewrapped = f"-----BEGIN PUBLIC KEY-----\r\n{body[:32]}\r\n{body[32:]}\r\n-----END PUBLIC KEY-----\r\n"
    assert PublicKey.from_pem(rewrapped).id == PublicKey.from_pem(pem).id


@pytest.mark.parametrize(
    ("private", "name"),
    [
        (ec.generate_private_key(ec.SECP521R1()), "ecdsa-p521"),
        (ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        (rsa.generate_private_key(65537, 2048), "rsa"),
        (ed448.Ed448PrivateKey.generate(), "ed448"),
    ],
    ids=["p521", "secp256k1", "rsa", "ed448"],
)
def test_other_algorithms_are_refused_by_name(private, name):
    with pytest.raises(InputError, match=name) as refusal:
        PublicKey.from_pem(pem_of(private))
    assert "ecdsa-p256" in refusal.value.help


def test_p521_is_read_for_oms_only():
    private = ec.generate_private_key(ec.SECP521R1())
    key = PublicKey.from_pem(pem_of(private), algorithms=OMS_ALGORITHMS)
    key.verify(PrivateKeySigner(private).private.sign(b"x", ec.ECDSA(hash_512())), b"x")


def hash_512():
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA512()


def test_private_key_in_place_of_a_public_one_is_said():
    pem = generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(InputError, match="this is a private key"):
        PublicKey.from_pem(pem)


def test_two_keys_in_one_file_are_refused():
    with pytest.raises(InputError, match="not exactly one"):
        PublicKey.from_pem(pem_of(generate()) + pem_of(generate()))


def test_oversized_file_is_refused():
    with pytest.raises(LimitExceeded):
        PublicKey.from_pem(pem_of(generate()) + b"\n" * 20_000)


@pytest.mark.parametrize("signature", [b"", b"\x00", b"\x30\x06\x02\x01\x00\x02\x01\x00", b"\xff" * 64])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_rubbish_signature_is_rejected(algorithm, signature):
    with pytest.raises(Rejected):
        PrivateKeySigner(generate(algorithm)).public.verify(signature, b"data")


@given(st.binary(max_size=200))
def test_rubbish_key_raises_nothing_but_our_errors(rubbish):
    for pem in (rubbish, b"-----BEGIN PUBLIC KEY-----\n" + rubbish + b"\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(InputError):
            PublicKey.from_pem(pem)
