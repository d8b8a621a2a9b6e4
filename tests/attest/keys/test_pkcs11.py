"""Keys on a PKCS#11 token: a real SoftHSM2."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.keys.pkcs11 import KeyAddress
from modelward.attest.keys.signer import signer_from_uri
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.core.errors import InputError, UsageError

PIN = "4321"
MODULES = [
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
]
MODULE = next((path for path in MODULES if path.is_file()), None)


@pytest.fixture(scope="module")
def token(tmp_path_factory):
    """A token `test token` with a P-256 pair `release`, a P-384 pair `big`, a P-521 pair `huge`."""
    if MODULE is None or shutil.which("softhsm2-util") is None:
        pytest.skip("skipped: needs softhsm2")
    pkcs11 = pytest.importorskip("pkcs11", reason="skipped: needs python-pkcs11")
    directory = tmp_path_factory.mktemp("hsm")
    (directory / "tokens").mkdir()
    (directory / "softhsm2.conf").write_text(f"directories.tokendir = {directory / 'tokens'}\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(directory / "softhsm2.conf")
    command = ["softhsm2-util", "--init-token", "--free", "--label", "test token"]
    subprocess.run([*command, "--pin", PIN, "--so-pin", "9876"], check=True, capture_output=True)
    found = pkcs11.lib(str(MODULE)).get_token(token_label="test token")
    with found.open(user_pin=PIN, rw=True) as session:
        curves = {"release": "secp256r1", "big": "secp384r1", "huge": "secp521r1"}
        for number, (label, curve) in enumerate(curves.items(), 1):
            session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters(curve)},
                local=True,
            ).generate_keypair(store=True, label=label, id=bytes([number]))
        session.generate_key(pkcs11.KeyType.AES, 256, store=True, label="secret")
    yield f"pkcs11:token=test%20token;{{}}?module-path={MODULE}"
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def pin(monkeypatch):
    monkeypatch.setenv("MODELWARD_PIN", PIN)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        ("object=release", "ecdsa-p256"),
        ("id=%01", "ecdsa-p256"),
        ("object=big;type=private", "ecdsa-p384"),
        ("object=big;id=%02", "ecdsa-p384"),
    ],
)
def test_token_signs_and_the_public_half_checks(token, pin, key, algorithm):
    signer = signer_from_uri(token.format(key))
    assert signer.public.algorithm == algorithm
    signer.public.verify(signer.sign(b"data"), b"data")


def test_statement_signed_on_the_token_holds(token, pin):
    signer = signer_from_uri(token.format("object=release"))
    claim = Statement("model", Digest.sha256(b"m"), "https://example.com/claim", {})
    bundle = Bundle.from_bytes(sign_statement(claim, signer).to_bytes())
    bundle.check_signature(signer.public)
    assert bundle.key_id == signer.public.id


def test_threads_share_one_session(token, pin):
    signer = signer_from_uri(token.format("object=release"))
    payloads = [b"%d" % n for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        for payload, signature in zip(payloads, pool.map(signer.sign, payloads), strict=True):
            signer.public.verify(signature, payload)


def in_new_process(uri, **environment):
    """Sign in a process of its own, which is not logged in yet; gives what it prints."""
    code = (
        "import sys\n"
        "from modelward.attest.keys.signer import signer_from_uri\n"
        "from modelward.core.errors import InputError\n"
        "asked = []\n"
        "ask = (lambda what: asked.append(what) or sys.argv[2]) if len(sys.argv) > 2 else None\n"
        "try: signer_from_uri(sys.argv[1], ask).sign(b'x'); print('signed', asked)\n"
        "except InputError as error: print(error, '|', error.help)\n"
    )
    answer = environment.pop("answer", None)
    command = [sys.executable, "-c", code, uri, *([answer] if answer else [])]
    environment = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_pin_is_asked_for_where_nothing_else_gives_it(token):
    told = in_new_process(token.format("object=release"), answer=PIN)
    assert told == "signed ['PIN for token test token']\n"


def test_one_login_a_process_serves_every_key_of_the_token(token, pin, monkeypatch):
    signer_from_uri(token.format("object=release"))
    monkeypatch.delenv("MODELWARD_PIN")
    assert signer_from_uri(token.format("object=big")).public.algorithm == "ecdsa-p384"


def test_pin_is_read_from_pin_source(token, tmp_path):
    source = tmp_path / "pin"
    source.write_text(PIN + "\n")
    source.chmod(0o600)
    assert "signed" in in_new_process(f"{token.format('object=release')}&pin-source=file:{source}")


def test_pin_that_others_may_read_is_refused(token, tmp_path):
    source = tmp_path / "pin"
    source.write_text(PIN)
    source.chmod(0o644)
    told = in_new_process(f"{token.format('object=release')}&pin-source={source}")
    assert "others may read this PIN" in told


def test_missing_pin_names_the_variable(token):
    told = in_new_process(token.format("object=release"))
    assert "no PIN for token" in told
    assert "MODELWARD_PIN" in told


def test_wrong_pin_is_said(token):
    assert "wrong PIN" in in_new_process(token.format("object=release"), MODELWARD_PIN="1111")


@pytest.mark.parametrize("key", ["object=nobody", "id=%7f", "object=release;id=%02"])
def test_missing_key_is_said(token, pin, key):
    with pytest.raises(InputError, match="no private key"):
        signer_from_uri(token.format(key))


def test_symmetric_key_is_not_a_signer(token, pin):
    with pytest.raises(InputError, match="no private key"):
        signer_from_uri(token.format("object=secret"))


def test_other_curves_are_refused_by_name(token, pin):
    with pytest.raises(InputError, match="P-256 or P-384"):
        signer_from_uri(token.format("object=huge"))


def test_missing_token_is_said(token, pin):
    with pytest.raises(InputError, match="no such token"):
        signer_from_uri(f"pkcs11:token=other;object=release?module-path={MODULE}")


def test_missing_module_and_library_that_is_none_are_input_errors(pin, tmp_path):
    rubbish = tmp_path / "lib.so"
    rubbish.write_bytes(b"not a library")
    for module in (tmp_path / "missing.so", rubbish):
        with pytest.raises(InputError):
            signer_from_uri(f"pkcs11:token=t;object=o?module-path={module}")


def test_without_the_extra_the_error_names_it(tmp_path):
    """In a process of its own, where the import of pkcs11 fails."""
    code = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from modelward.attest.keys.signer import signer_from_uri\n"
        "from modelward.core.errors import MissingExtra\n"
        "try: signer_from_uri('pkcs11:token=t;object=o?module-path=/lib/x.so')\n"
        "except MissingExtra as error: print(error.help)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "modelward[hsm]" in done.stdout


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("token=t?module-path=/m", "object= or id="),
        ("object=o?module-path=/m", "token= or serial="),
        ("token=t;object=o", "module-path"),
        ("token=t;object=o?module-path=/m&pin-value=1234", "PIN does not belong"),
        ("token=t;token=u;object=o?module-path=/m", "'token' is repeated"),
        ("token=t;object=o;slot-id=1?module-path=/m", "'slot-id'"),
        ("token=t;object=o;type=public?module-path=/m", "private"),
        ("token=%ff;object=o?module-path=/m", "not UTF-8"),
        ("token;object=o?module-path=/m", "'token'"),
        ("", "token= or serial="),
    ],
)
def test_incomplete_or_unknown_uri_is_a_usage_error(uri, fault):
    with pytest.raises(UsageError, match=fault):
        KeyAddress.parse(uri)


@given(st.text(max_size=60))
def test_any_uri_raises_nothing_but_our_errors(text):
    for uri in (text, f"token=t;object=o?module-path=/m&{text}", f"token=t;{text};id=%01?module-path=/m"):
        try:
            KeyAddress.parse(uri)
        except UsageError:
            continue
