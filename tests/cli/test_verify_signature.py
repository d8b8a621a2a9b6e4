"""`modelward verify PATH --signature FILE --key PUB`: the function behind it."""

from __future__ import annotations

import json

import pytest

from modelward.attest.keys.file import PrivateKeySigner, generate, write_key
from modelward.attest.oms import sign_oms
from modelward.cli.verify_signature import SignatureChecks, verify_signature
from modelward.core.errors import InputError, Rejected, UsageError


@pytest.fixture
def signed(tmp_path):
    """(model, signature, public key file)."""
    model = tmp_path / "scorer"
    model.mkdir()
    (model / "weights.bin").write_bytes(b"weights")
    private = generate()
    write_key(tmp_path / "k.pem", private, None)
    bundle = sign_oms(model, PrivateKeySigner(private), ignore=["cache"])
    (tmp_path / "model.sig").write_bytes(bundle.to_bytes())
    return model, tmp_path / "model.sig", str(tmp_path / "k.pub")


def test_answer_says_what_was_and_was_not_checked(signed, capsys):
    model, signature, key = signed
    assert verify_signature(model, signature, [key]) == 0
    out = capsys.readouterr().out
    assert out.startswith("VERIFIED: ")
    assert "1 of 1 files match, none extra" in out
    assert "not checked: whether to trust the key, revocation, when it was signed" in out


def test_json_answer_is_one_object(signed, capsys):
    model, signature, key = signed
    verify_signature(model, signature, [key], SignatureChecks(as_json=True))
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is True
    assert told["files"] == 1
    assert told["artifact"].startswith("dirHash:")


def test_any_of_several_keys_will_do(signed, tmp_path):
    model, signature, key = signed
    write_key(tmp_path / "other.pem", generate(), None)
    assert verify_signature(model, signature, [str(tmp_path / "other.pub"), key]) == 0
    with pytest.raises(Rejected):
        verify_signature(model, signature, [str(tmp_path / "other.pub")])


def test_changed_model_prints_no_answer(signed, capsys):
    model, signature, key = signed
    (model / "weights.bin").write_bytes(b"backdoor")
    with pytest.raises(Rejected, match=r"changed: weights\.bin"):
        verify_signature(model, signature, [key])
    assert capsys.readouterr().out == ""


def test_files_that_nobody_signed_are_printed_where_they_are_allowed(signed, capsys):
    model, signature, key = signed
    (model / "cache").mkdir()
    (model / "cache" / "planted\x1b[31m.py").write_bytes(b"")
    with pytest.raises(Rejected, match="left out files that exist"):
        verify_signature(model, signature, [key])
    assert verify_signature(model, signature, [key], SignatureChecks(allow_ignored=True)) == 0
    out = capsys.readouterr().out
    assert "NOT SIGNED cache/planted" in out
    assert "\x1b" not in out


def test_without_keys_or_with_damaged_files_there_is_no_answer(signed, tmp_path):
    model, signature, key = signed
    with pytest.raises(UsageError):
        verify_signature(model, signature, [])
    with pytest.raises(InputError):
        verify_signature(model, tmp_path / "missing.sig", [key])
    with pytest.raises(InputError, match="no PEM certificate"):
        verify_signature(model, signature, [key], SignatureChecks(authority_files=(signature,)))


def test_missing_timestamp_is_rejected_where_an_authority_is_named(signed, tmp_path):
    from tests.attest.conftest import Tsa

    model, signature, key = signed
    tsa = Tsa.create(tmp_path / "tsa")
    (tmp_path / "root.pem").write_text(tsa.certificates[0])
    with pytest.raises(Rejected, match="no timestamp"):
        verify_signature(model, signature, [key], SignatureChecks(authority_files=(tmp_path / "root.pem",)))
