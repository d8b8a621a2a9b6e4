"""Statements that outlive their keys: `timestamp` in modelward.toml asks an authority for each signature."""

from __future__ import annotations

import pytest

from modelward.cli.config import load_config
from modelward.core.errors import InputError


@pytest.mark.parametrize("value", ['"ftp://tsa.example"', "3", '"tsa.example"'])
def test_an_authority_is_named_by_url(tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "modelward.toml").write_text(f"timestamp = {value}\n")
    with pytest.raises(InputError):
        load_config()


def test_the_authority_that_is_named_is_asked(tmp_path, monkeypatch):
    """Nobody answers there, so signing must fail: it must not go on without the timestamp."""
    from modelward.attest.keys.file import PrivateKeySigner, generate
    from modelward.attest.predicates import Revocation
    from modelward.attest.statement import Statement
    from modelward.cli.publish import signed
    from modelward.core.digest import Digest
    from modelward.core.errors import ModelwardError

    monkeypatch.chdir(tmp_path)
    (tmp_path / "modelward.toml").write_text('timestamp = "http://127.0.0.1:9/tsa"\n')
    act = Revocation(
        registry=str(Digest.sha256(b"registry")),
        kind="artifact",
        reason="it leaks",
        issued_at="2026-11-22T00:00:00Z",
        nonce="0" * 32,
    )
    with pytest.raises(ModelwardError):
        signed(Statement.of("x", Digest.sha256(b"x"), act), PrivateKeySigner(generate()))
