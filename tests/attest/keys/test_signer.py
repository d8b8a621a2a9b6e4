"""Signers by URI."""

from __future__ import annotations

import pytest

from modelward.attest.keys.file import generate, write_key
from modelward.attest.keys.signer import SCHEMES, signer_from_uri
from modelward.core.errors import InputError, UsageError


@pytest.mark.parametrize("prefix", ["file:", ""])
def test_bare_path_is_a_file(tmp_path, prefix):
    public = write_key(tmp_path / "a.pem", generate(), "secret")
    signer = signer_from_uri(f"{prefix}{tmp_path / 'a.pem'}", lambda what: "secret")
    assert signer.public == public


def test_unknown_scheme_lists_the_known_ones():
    with pytest.raises(UsageError, match="gpg") as error:
        signer_from_uri("gpg:0xABCD")
    assert all(scheme in error.value.help for scheme in SCHEMES)


def test_another_scheme_is_one_line_in_the_table(monkeypatch, tmp_path):
    write_key(tmp_path / "a.pem", generate(), None)
    monkeypatch.setitem(SCHEMES, "vault", ("modelward.attest.keys.file", "open_signer"))
    assert signer_from_uri(f"vault:{tmp_path / 'a.pem'}").public


def test_missing_key_is_an_input_error():
    with pytest.raises(InputError, match="cannot read"):
        signer_from_uri("file:/nonexistent/key.pem")
