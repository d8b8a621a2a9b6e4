"""`modelward log`: show, prove and audit the log of a real registry."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.registry.town import Town

from modelward.attest.keys.public import PublicKey
from modelward.cli.home import Home
from modelward.core.digest import Digest
from modelward.log import tiles
from modelward.log.note import NoteKey
from modelward.log.proof import verify_proof
from modelward.log.sequencer import Log


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A registry with a pushed model."""
    town = Town(tmp_path_factory.mktemp("town"))
    town.push(town.model())
    return town


@pytest.fixture
def town(founded: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A registry of this test's own, pinned by the user."""
    monkeypatch.chdir(tmp_path)
    town = copy.copy(founded)
    town.place, town.directory, town.kept = tmp_path, tmp_path / "registry", tmp_path / "kept"
    shutil.copytree(founded.directory, town.directory)
    Home.open().pin("acme", town.pin)
    return town


@pytest.fixture
def log(command, town):
    def run(*arguments: object):
        return command("log", *arguments, "--registry", town.directory)

    return run


@pytest.fixture
def pem(town: Town, tmp_path: Path) -> Path:
    """The log's public key in a file, as an auditor gets it."""
    path = tmp_path / "log.pub"
    with town.registry() as registry:
        path.write_text(registry.trust.log_keys[0].pem)
    return path


def entries(town: Town) -> list[bytes]:
    return list(Log.open(town.directory / "log").entries())


def tamper(town: Town, at: int) -> None:
    """Change entry `at`, keeping its length."""
    size = len(entries(town))
    path = town.directory / "log" / tiles.bundle_name(0, size)
    found = list(tiles.decode_bundle(path.read_bytes()))
    found[at] = found[at].replace(b"dirHash:", b"dirHash:", 1)[:-3] + b'X"}'
    path.write_bytes(tiles.encode_bundle(found))


# --- show -------------------------------------------------------------------------------------------------


def test_show_lists_who_signed_what_about_what(log, town):
    done = log("show")
    assert done.code == 0
    head, *lines = done.out.splitlines()
    assert head.endswith(f"{len(entries(town))} entries")
    last = json.loads(entries(town)[-1])
    assert lines[-1].startswith(f"  {len(lines) - 1}  ")
    assert Digest.parse(last["subject"]).short in lines[-1]
    assert f"by alice ({last['key'][:4]}…{last['key'][-2:]})" in lines[-1]
    assert done.err == ""


def test_show_as_json(log, town):
    value = json.loads(log("show", "--json").out)
    assert value["size"] == len(entries(town))
    assert value["signed"] is True
    shown = [{key: entry[key] for key in entry if key != "index"} for entry in value["entries"]]
    assert shown == [json.loads(entry) for entry in entries(town)]


def test_show_from_and_limit(log):
    value = json.loads(log("show", "--from", 1, "--limit", 1, "--json").out)
    assert [entry["index"] for entry in value["entries"]] == [1]
    assert json.loads(log("show", "--from", 10_000, "--json").out)["entries"] == []
    assert len(json.loads(log("show", "--limit", 1, "--json").out)["entries"]) == 1


def test_show_without_a_pin_says_that_no_signature_was_checked(command, town, monkeypatch, tmp_path):
    monkeypatch.setenv("MODELWARD_HOME", str(tmp_path / "stranger"))
    done = command("log", "show", "--registry", town.directory)
    assert done.code == 0
    assert "signature was not checked" in done.err
    assert "alice" not in done.out


def test_show_takes_the_registry_from_the_configuration(command, town, tmp_path):
    (tmp_path / "modelward.toml").write_text(f"registry = {json.dumps(str(town.directory))}\n")
    assert command("log", "show").code == 0


def test_show_escapes_a_foreign_entry(command, tmp_path):
    log = Log.create(tmp_path / "log", "example.com/log", Ed25519PrivateKey.generate())
    log.append(b"\x1b[31mred\xff")
    done = command("log", "show", "--registry", tmp_path)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "not a registry's entry" in done.out


def test_show_without_a_registry_is_a_usage_error(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = command("log", "show")
    assert done.code == 2
    assert "no registry is named" in done.err
    assert command("log", "show", "--registry", tmp_path / "nothing").code == 2


# --- prove ------------------------------------------------------------------------------------------------


def test_proof_by_index_verifies_offline(log, town, pem, command, tmp_path):
    entry = entries(town)[1]
    done = log("prove", 1)
    assert done.code == 0
    path = tmp_path / "entry.tlog-proof"
    path.write_text(done.out)
    origin = Log.open(town.directory / "log").origin
    verify_proof(done.out.encode(), entry, NoteKey.from_pem(origin, pem.read_text()))
    checked = command("log", "prove", "--check", path, "--entry", entry.decode(), "--key", pem)
    assert checked.code == 0
    assert checked.out.startswith("proved: entry 1 of the log")


def test_proof_by_statement_is_checked_with_its_bundle(log, town, pem, command, tmp_path):
    with town.registry() as registry:
        entry = json.loads(entries(town)[-1])
        bundle = registry.statement(Digest.parse(entry["statement"]))
    assert bundle is not None
    (tmp_path / "statement.json").write_bytes(bundle.to_bytes())
    proof = tmp_path / "p.tlog-proof"
    done = log("prove", entry["statement"], "-o", proof)
    assert (done.code, done.out) == (0, "")
    checking = ["log", "prove", "--check", proof, "--bundle", tmp_path / "statement.json"]
    assert command(*checking, "--key", pem).code == 0
    assert command(*checking, "--registry", town.directory).code == 0


def test_proof_of_another_entry_is_rejected(log, town, pem, command, tmp_path):
    proof = tmp_path / "p.tlog-proof"
    log("prove", 1, "-o", proof)
    (tmp_path / "entry").write_bytes(entries(town)[0])
    done = command("log", "prove", "--check", proof, "--entry", tmp_path / "entry", "--key", pem)
    assert done.code == 1
    assert "inclusion proof" in done.err


def test_proof_of_a_log_with_another_key_is_rejected(log, town, command, tmp_path):
    proof = tmp_path / "p.tlog-proof"
    log("prove", 0, "-o", proof)
    stranger = tmp_path / "stranger.pub"
    stranger.write_text(PublicKey.of(Ed25519PrivateKey.generate().public_key()).pem)
    entry = entries(town)[0].decode()
    assert command("log", "prove", "--check", proof, "--entry", entry, "--key", stranger).code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["one"],
        ["sha256:00"],
        ["sha256:" + "0" * 64],
        ["99999"],
        ["9" * 30],
        ["0", "--entry", "{}"],
        ["0", "--check", "x", "--entry", "{}"],
        ["--check", "x"],
        ["--check", "missing", "--entry", "{}"],
        ["--check", "modelward.toml", "--entry", "{}"],
        ["0", "-o", "modelward.toml/proof"],
    ],
    ids=range(12),
)
def test_unclear_request_gives_no_proof(log, arguments, tmp_path):
    (tmp_path / "modelward.toml").write_text("")
    done = log("prove", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err


# --- audit ------------------------------------------------------------------------------------------------


def test_audit_of_a_sound_log(log, town, tmp_path):
    kept = tmp_path / "kept-checkpoint"
    kept.write_bytes(Log.open(town.directory / "log").checkpoint())
    done = log("audit", "--checkpoint", kept)
    assert done.code == 0
    assert f"continues the {len(entries(town))} entries seen before" in done.out
    assert "not compared with an earlier checkpoint" in log("audit").err


def test_audit_with_a_key_file_needs_no_pin(command, town, pem, monkeypatch, tmp_path):
    monkeypatch.setenv("MODELWARD_HOME", str(tmp_path / "stranger"))
    assert command("log", "audit", "--registry", town.directory).code == 2
    done = command("log", "audit", "--registry", town.directory, "--key", pem)
    assert done.code == 0
    assert "signed by its key" in done.out


def test_audit_names_a_changed_entry(log, town):
    tamper(town, 1)
    done = log("audit")
    assert done.code == 1
    assert "FAIL  entry 1: changed" in done.out
    value = json.loads(log("audit", "--json").out)
    assert value["consistent"] is False
    assert value["problems"] == [{"what": "changed", "where": "entry 1"}]


def test_audit_notices_a_log_rolled_back_behind_what_the_user_saw(command, town, log, monkeypatch):
    state = Home.open().state_directory / f"{town.pin.value}.checkpoint"
    state.parent.mkdir(parents=True)
    other = Log.open(town.directory / "log")
    state.write_bytes(other.checkpoint())
    files = {path: path.read_bytes() for path in (town.directory / "log").rglob("*") if path.is_file()}
    town.push(town.model("second"), model="other")
    state.write_bytes(Log.open(town.directory / "log").checkpoint())
    for path, data in files.items():
        path.write_bytes(data)
    done = log("audit")
    assert done.code == 1
    assert "rolled back" in done.out


def test_audit_of_a_log_by_a_stranger_is_rejected(log, town, tmp_path):
    stranger = tmp_path / "stranger.pub"
    stranger.write_text(PublicKey.of(Ed25519PrivateKey.generate().public_key()).pem)
    assert log("audit", "--key", stranger).code == 1
    assert log("show", "--key", stranger).code == 1
    stranger.write_text("garbage")
    done = log("audit", "--key", stranger)
    assert done.code == 2
    assert str(stranger) in done.err


def test_audit_writes_nothing(log, town):
    before = {path: path.stat().st_mtime_ns for path in town.directory.rglob("*")}
    log("audit")
    log("show")
    log("prove", 0)
    assert {path: path.stat().st_mtime_ns for path in town.directory.rglob("*")} == before
