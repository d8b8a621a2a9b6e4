"""Private keys in files."""

from __future__ import annotations

import os
import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from modelward.attest.keys.file import generate, open_signer, public_path, write_key
from modelward.attest.keys.public import ALGORITHMS, PublicKey
from modelward.core.errors import InputError, UsageError

PASSPHRASE = "correct horse"


def write(path, pem, mode=0o600):
    path.write_bytes(pem)
    path.chmod(mode)
    return str(path)


def pem_of(private, form=serialization.PrivateFormat.PKCS8):
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_key_is_written_encrypted_and_opened_with_its_passphrase(tmp_path, algorithm):
    path = tmp_path / "keys" / "alice.pem"
    public = write_key(path, generate(algorithm), PASSPHRASE)
    assert b"ENCRYPTED" in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PublicKey.from_pem((tmp_path / "keys" / "alice.pub").read_bytes()) == public
    signer = open_signer(str(path), lambda what: PASSPHRASE)
    assert signer.public == public
    public.verify(signer.sign(b"x"), b"x")
    assert sorted(os.listdir(path.parent)) == ["alice.pem", "alice.pub"]


def test_passphrase_is_taken_from_the_environment(tmp_path, monkeypatch):
    write_key(tmp_path / "a.pem", generate(), PASSPHRASE)
    monkeypatch.setenv("MODELWARD_PASSPHRASE", PASSPHRASE)
    assert open_signer(str(tmp_path / "a.pem")).public


def test_wrong_passphrase_is_said(tmp_path):
    write_key(tmp_path / "a.pem", generate(), PASSPHRASE)
    with pytest.raises(InputError, match="wrong passphrase"):
        open_signer(str(tmp_path / "a.pem"), lambda what: "incorrect")


def test_missing_passphrase_names_the_variable(tmp_path):
    write_key(tmp_path / "a.pem", generate(), PASSPHRASE)
    with pytest.raises(InputError, match=r"no passphrase for a\.pem") as error:
        open_signer(str(tmp_path / "a.pem"))
    assert "MODELWARD_PASSPHRASE" in error.value.help


def test_key_without_a_passphrase_asks_for_none(tmp_path):
    write_key(tmp_path / "a.pem", generate(), None)
    assert open_signer(str(tmp_path / "a.pem")).public


def test_empty_passphrase_is_not_taken_for_none(tmp_path):
    with pytest.raises(InputError, match="empty"):
        write_key(tmp_path / "a.pem", generate(), "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("existing", ["a.pem", "a.pub"])
def test_existing_key_is_never_overwritten(tmp_path, existing):
    (tmp_path / existing).write_bytes(b"precious")
    with pytest.raises(InputError, match="file exists"):
        write_key(tmp_path / "a.pem", generate(), None)
    assert (tmp_path / existing).read_bytes() == b"precious"
    assert os.listdir(tmp_path) == [existing]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o601])
def test_key_that_others_may_read_or_change_is_refused(tmp_path, mode):
    with pytest.raises(InputError, match="others may read") as error:
        open_signer(write(tmp_path / "a.pem", pem_of(generate()), mode))
    assert "chmod 600" in error.value.help


@pytest.mark.parametrize(
    ("private", "name"),
    [(ec.generate_private_key(ec.SECP521R1()), "p521"), (rsa.generate_private_key(65537, 2048), "rsa")],
)
def test_other_algorithms_are_refused_by_name(tmp_path, private, name):
    with pytest.raises(InputError, match=name):
        open_signer(write(tmp_path / "a.pem", pem_of(private)))


def test_key_made_by_openssl_ecparam_is_read(tmp_path):
    pem = pem_of(generate(), serialization.PrivateFormat.TraditionalOpenSSL)
    assert open_signer(write(tmp_path / "a.pem", pem)).public.algorithm == "ecdsa-p256"


def test_public_key_in_place_of_a_private_one_is_refused(tmp_path):
    write_key(tmp_path / "a.pem", generate(), None)
    with pytest.raises(InputError, match="not a PKCS#8"):
        open_signer(write(tmp_path / "b.pem", (tmp_path / "a.pub").read_bytes()))


def test_missing_directory_special_and_huge_files_are_input_errors(tmp_path):
    os.mkfifo(tmp_path / "fifo", 0o600)
    write(tmp_path / "huge", b"x" * 100_000)
    for name in ("missing", ".", "fifo", "huge"):
        with pytest.raises(InputError):
            open_signer(str(tmp_path / name))


def test_unknown_algorithm_is_a_usage_error():
    with pytest.raises(UsageError, match="rsa"):
        generate("rsa")


def test_public_half_lies_beside(tmp_path):
    assert public_path(tmp_path / "alice.pem").name == "alice.pub"
    assert public_path(tmp_path / "release.v1").name == "release.v1.pub"
