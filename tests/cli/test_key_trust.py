"""`modelward key trust`, `retire`, `revoke`, `renew`, on a registry as `modelward init` makes it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from modelward.attest.keys.file import generate, public_path, write_key
from modelward.attest.predicates.trust import TrustPolicy
from modelward.attest.trust_files import load_versions
from modelward.cli.home import Home
from modelward.core import instant


@pytest.fixture
def registry(command, tmp_path, monkeypatch) -> Path:
    """A registry of alice's, named by the working directory's configuration."""
    monkeypatch.chdir(tmp_path)
    done = command("init", "acme", "--as", "alice", "--no-passphrase")
    assert done.code == 0, done.err
    return tmp_path / "acme"


@pytest.fixture
def key(command, registry):
    return partial(command, "key")


def new_key(path: Path, algorithm: str = "ecdsa-p256") -> Path:
    """A key pair; gives the public half's file."""
    write_key(path, generate(algorithm), None)
    return public_path(path)


def newest(registry: Path) -> TrustPolicy:
    return load_versions(registry)[-1][0].statement.typed(TrustPolicy)


def keys_of(registry: Path, principal: str) -> list[str]:
    return [key.id for key in newest(registry).keys if key.principal == principal]


def test_new_person_is_trusted_from_the_next_version(key, registry, tmp_path):
    done = key("trust", "bob", "--key", new_key(tmp_path / "bob.pem"), "--role", "approver", "--valid", "90d")
    assert (done.code, done.out) == (
        0,
        f"trust policy version 2 is in force until {newest(registry).expires}\n",
    )
    assert "logged; status" in done.err
    listed = json.loads(key("trust", "--list", "--json").out)["policy"]
    (bob,) = [entry for entry in listed["keys"] if entry["principal"] == "bob"]
    assert bob["roles"] == ["approver"]
    lasts = instant.parse(bob["validUntil"]) - instant.parse(bob["validFrom"])
    assert lasts.days == 90
    assert {"name": "bob", "person": "bob"} in listed["principals"]


def test_second_key_of_a_person_keeps_the_person(key, registry, tmp_path):
    for number in (1, 2):
        public = new_key(tmp_path / f"bob{number}.pem")
        person = ("--person", "Bob B") if number == 1 else ()
        assert key("trust", "bob", "--key", public, "--role", "scanner", *person).code == 0
    assert len(keys_of(registry, "bob")) == 2
    assert (
        key(
            "trust", "bob", "--key", new_key(tmp_path / "3.pem"), "--role", "scanner", "--person", "Mallory"
        ).code
        == 2
    )


def test_list_says_who_may_do_what(key, registry, tmp_path):
    key(
        "trust", "bob", "--key", new_key(tmp_path / "bob.pem"), "--role", "approver", "--person", "Bob\x1b[2J"
    )
    done = key("trust", "--list")
    assert done.code == 0
    assert "acme, version 2" in done.out
    assert "bob (Bob\\x1b[2J): approver; until" in done.out
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("trust",),
        ("trust", "bob"),
        ("trust", "bob", "--list"),
        ("trust", "bob", "--key", "KEY"),
        ("trust", "bob", "--key", "KEY", "--role", "superuser"),
        ("trust", "../bob", "--key", "KEY", "--role", "approver"),
        ("trust", "bob", "--key", "KEY", "--role", "approver", "--valid", "999999w"),
        ("trust", "bob", "--key", "KEY", "--role", "approver", "--valid", "1 year"),
        ("trust", "bob", "--key", "KEY", "--role", "approver", "--role", "gate"),
        ("trust", "bob", "--key", "KEY", "--role", "log"),
        ("trust", "bob", "--key", "missing.pub", "--role", "approver"),
        ("trust", "--cosign", "missing"),
        ("retire", "bob"),
        ("retire", "alice", "--at", "yesterday"),
        ("revoke", "bob", "--reason", "x"),
        ("renew", "--root-threshold", "2"),
        ("renew", "--root-threshold", "0"),
        ("renew", "--witnesses", "1"),
        ("renew", "--timestamp-authority", "tsa"),
        ("renew", "--timestamp-authority", "tsa=missing.pem"),
        ("renew", "--timestamp-authority", "tsa=KEY"),
    ],
)
def test_bad_usage_makes_no_version(key, registry, tmp_path, arguments):
    public = str(new_key(tmp_path / "bob.pem"))
    done = key(*(argument.replace("KEY", public) for argument in arguments))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(("error: ", "Error: ", "Usage: "))
    assert newest(registry).version == 1


def test_version_signed_by_another_key_is_refused(key, registry, tmp_path):
    public = new_key(tmp_path / "bob.pem")
    for signer in (tmp_path / "bob.pem", Home.open().key_path("alice")):
        done = key("trust", "bob", "--key", public, "--role", "approver", "--root-key", signer)
        assert (done.code, done.out) == (1, "")
        assert "is no root key of acme" in done.err
    assert newest(registry).version == 1


def test_registry_that_was_not_pinned_is_not_changed(key, registry, tmp_path):
    (Home.open().directory / "roots.toml").unlink()
    done = key("renew")
    assert done.code == 2
    assert "have not pinned" in done.err


def test_key_is_retired_by_name(key, registry, tmp_path):
    key("trust", "bob", "--key", new_key(tmp_path / "bob.pem"), "--role", "approver")
    done = key("retire", "bob", "--at", instant.render(instant.now() + instant.parse_duration("1d")))
    assert done.code == 0, done.err
    (bob,) = [entry for entry in newest(registry).keys if entry.principal == "bob"]
    assert instant.parse(bob.valid_until) < instant.parse(newest(registry).expires)


def test_key_is_revoked_by_the_start_of_its_id(key, registry, tmp_path):
    key("trust", "bob", "--key", new_key(tmp_path / "bob.pem"), "--role", "approver")
    (bob,) = keys_of(registry, "bob")
    moment = "2026-01-01T00:00:00Z"
    done = key("revoke", bob[:12], "--compromised-at", moment, "--reason", "stolen laptop")
    assert done.code == 0, done.err
    (entry,) = newest(registry).revoked_keys
    assert (entry.id, entry.compromised_at, entry.reason) == (bob, moment, "stolen laptop")
    assert f"revoked from {moment}" in key("trust", "--list").out


def test_name_with_several_keys_is_not_guessed(key, registry):
    """The registry's own principal holds the gate, log and status keys."""
    done = key("revoke", "registry", "--reason", "x")
    assert (done.code, done.out) == (2, "")
    assert "several keys" in done.err
    assert newest(registry).version == 1


def test_last_root_key_cannot_be_revoked(key, registry):
    root = next(entry.id for entry in newest(registry).keys if "root" in entry.roles)
    done = key("revoke", root, "--reason", "x")
    assert done.code == 2
    assert "root threshold" in done.err


def test_renewed_policy_lasts_longer(key, registry):
    before = newest(registry).expires
    assert key("renew", "--valid", "700d").code == 0
    assert newest(registry).expires > before


def test_timestamp_authority_is_trusted(key, registry, tmp_path, make_certificates):
    file = tmp_path / "tsa.pem"
    file.write_text("".join(make_certificates(2)))
    assert key("renew", "--timestamp-authority", f"tsa={file}").code == 0
    (authority,) = newest(registry).timestamp_authorities
    assert (authority.name, authority.certificates) == ("tsa", tuple(make_certificates(2)))


@pytest.fixture
def make_certificates():
    """Self-signed certificates, the same ones at each call."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    made: list[str] = []

    def make(count: int) -> list[str]:
        while len(made) < count:
            private = generate("ecdsa-p256")
            name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"tsa {len(made)}")])
            now = instant.now()
            certificate = (
                x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
                .not_valid_before(now)
                .not_valid_after(now + instant.parse_duration("1d"))
                .sign(private, hashes.SHA256())
            )
            made.append(certificate.public_bytes(serialization.Encoding.PEM).decode())
        return made[:count]

    return make
