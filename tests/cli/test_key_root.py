"""`modelward key root`: a registry's identity, shown and pinned."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from tests.attest.simulator import Registry

from modelward.attest.trust_files import write_version
from modelward.cli.home import Home
from modelward.core import instant
from modelward.core.digest import Digest

OTHER = Digest.sha256(b"other")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """No configuration of the working directory plays a part."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def acme(tmp_path: Path) -> tuple[Path, Digest]:
    """A registry directory's trust policy, whose registry calls itself acme."""
    registry = Registry(now=instant.now())
    write_version(tmp_path / "acme", 1, registry.versions[0])
    return tmp_path / "acme", registry.pin


@pytest.fixture
def key_root(command):
    return partial(command, "key", "root")


def test_identity_is_printed_and_not_yet_pinned(key_root, acme):
    directory, identity = acme
    done = key_root("--registry", directory)
    assert (done.code, done.out) == (0, f"{identity}\n")
    assert "not pinned" in done.err
    assert Home.open().roots() == {}


def test_identity_as_json(key_root, acme):
    directory, identity = acme
    Home.open().pin("acme", identity)
    value = json.loads(key_root("--registry", directory, "--json").out)
    assert value == {"identity": str(identity), "name": "acme", "pinned": True}


def test_pin_is_kept_under_the_registrys_own_name(key_root, acme):
    directory, identity = acme
    done = key_root("--registry", directory, "--pin", identity)
    assert (done.code, done.out) == (0, f"acme {identity}\n")
    assert Home.open().roots() == {"acme": identity}
    assert "not pinned" not in key_root("--registry", directory).err


def test_pin_needs_no_registry_but_a_name(key_root):
    assert key_root("--pin", OTHER).code == 2
    assert key_root("--pin", OTHER, "--name", "acme").code == 0
    assert Home.open().roots() == {"acme": OTHER}


def test_pin_from_a_file(key_root, tmp_path):
    file = tmp_path / "identity"
    file.write_text(f"{OTHER}\n")
    assert key_root("--from", file, "--name", "acme").code == 0
    assert Home.open().roots() == {"acme": OTHER}


def test_registry_that_was_swapped_after_pinning_is_noticed(key_root, acme):
    directory, _ = acme
    Home.open().pin("acme", OTHER)
    done = key_root("--registry", directory)
    assert (done.code, done.out) == (1, "")
    assert f"you have pinned acme to {OTHER}" in done.err


def test_pinning_another_identity_than_the_registry_has_is_rejected(key_root, acme):
    directory, _ = acme
    done = key_root("--registry", directory, "--pin", OTHER)
    assert done.code == 1
    assert Home.open().roots() == {}


def test_pin_is_never_replaced(key_root):
    assert key_root("--pin", OTHER, "--name", "acme").code == 0
    done = key_root("--pin", Digest.sha256(b"evil"), "--name", "acme")
    assert done.code == 2
    assert Home.open().roots() == {"acme": OTHER}


def test_registry_whose_trust_policy_is_forged_has_no_identity(key_root, tmp_path):
    registry = Registry(now=instant.now())
    (good,) = registry.versions[0]
    forged = replace(good.envelope, signatures=Registry().versions[0][0].envelope.signatures)
    write_version(tmp_path, 1, [replace(good, envelope=forged)])
    done = key_root("--registry", tmp_path)
    assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--pin", "sha256:00", "--name", "acme"),
        ("--pin", f"dirHash:{OTHER.value}", "--name", "acme"),
        ("--pin", OTHER, "--name", "../acme"),
        ("--pin", OTHER, "--from", "x", "--name", "acme"),
        ("--from", "missing", "--name", "acme"),
        ("--registry", "missing"),
        (),
    ],
)
def test_bad_usage_is_refused(key_root, arguments):
    done = key_root(*arguments)
    assert (done.code, done.out) == (2, "")
    assert Home.open().roots() == {}


def test_binary_file_is_no_identity(key_root, tmp_path):
    file = tmp_path / "identity"
    file.write_bytes(b"\xff" * 10)
    assert "not a registry identity" in key_root("--from", file, "--name", "acme").err
