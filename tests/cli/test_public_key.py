"""Public keys as people name them."""

from __future__ import annotations

import pytest

from modelward.attest.keys.file import generate, write_key
from modelward.cli.home import Home
from modelward.cli.public_key import load_public_key, read_capped, read_public_file
from modelward.core.errors import InputError, UsageError


@pytest.fixture
def alice():
    return write_key(Home.open().key_path("alice"), generate(), "secret")


def test_key_is_found_by_name_file_and_uri_without_its_passphrase(alice):
    home = Home.open()
    for name in (
        "alice",
        str(home.keys_directory / "alice.pub"),
        f"file:{home.keys_directory / 'alice.pem'}",
    ):
        assert load_public_key(name) == alice


def test_default_is_the_default_signer(alice):
    home = Home.open()
    write_key(home.key_path("bob"), generate(), None)
    with pytest.raises(UsageError):
        load_public_key(None)
    home.write_identity("alice", f"file:{home.key_path('alice')}")
    assert load_public_key(None) == alice


def test_signer_without_a_public_file_is_opened(tmp_path):
    public = write_key(tmp_path / "k.pem", generate(), None)
    (tmp_path / "k.pub").unlink()
    assert load_public_key(f"file:{tmp_path / 'k.pem'}") == public


def test_private_key_file_in_place_of_a_public_one_is_said(alice):
    path = Home.open().key_path("alice")
    with pytest.raises(InputError, match="this is a private key") as error:
        load_public_key(str(path))
    assert error.value.where == str(path)


def test_missing_and_oversized_files_are_input_errors(tmp_path):
    (tmp_path / "big.pub").write_bytes(b"x" * 20_000)
    for name in ("big.pub", "missing.pub", "."):
        with pytest.raises(InputError):
            read_public_file(tmp_path / name)
    with pytest.raises(InputError, match="larger than 10 bytes"):
        read_capped(tmp_path / "big.pub", 10)
