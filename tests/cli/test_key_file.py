"""`modelward key new`, `key list`, `key show`."""

from __future__ import annotations

import json
import stat

import pytest

from modelward.attest.keys.file import open_signer
from modelward.attest.keys.public import PublicKey
from modelward.cli.home import Home


@pytest.fixture
def passphrase(monkeypatch):
    monkeypatch.setenv("MODELWARD_PASSPHRASE", "correct horse")


def test_new_key_is_encrypted_private_and_told(command, passphrase):
    done = command("key", "new", "alice", "--json")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    path = Home.open().key_path("alice")
    assert told["private"] == str(path)
    assert told["encrypted"] is True
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_signer(str(path)).public.id == told["id"]


def test_key_goes_where_out_says(command, tmp_path):
    done = command("key", "new", "--out", tmp_path / "ci.pem", "--no-passphrase", "--algorithm", "ed25519")
    assert done.code == 0
    assert "(not encrypted)" in done.out
    assert PublicKey.from_pem((tmp_path / "ci.pub").read_bytes()).algorithm == "ed25519"


def test_second_key_of_one_name_is_refused(command, passphrase):
    command("key", "new", "alice")
    before = Home.open().key_path("alice").read_bytes()
    done = command("key", "new", "alice")
    assert (done.code, done.out) == (2, "")
    assert "file exists" in done.err
    assert Home.open().key_path("alice").read_bytes() == before


def test_no_passphrase_is_never_chosen_silently(command):
    done = command("key", "new", "alice")
    assert done.code == 2
    assert "--no-passphrase" in done.err
    assert not Home.open().directory.exists()


def test_passphrase_is_asked_for_twice_on_a_terminal(command, monkeypatch):
    import click

    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", lambda text, **options: asked.append((text, options)) or "typed")
    assert command("key", "new", "alice").code == 0
    ((text, options),) = asked
    assert text == "passphrase for alice.pem"
    assert options["hide_input"]
    assert options["confirmation_prompt"]


@pytest.mark.parametrize("name", ["../up", "a/b", ""])
def test_odd_name_is_refused(command, passphrase, name):
    assert command("key", "new", name).code == 2


def test_list_marks_the_default_signer(command, passphrase):
    assert "no keys" in command("key", "list").err
    command("key", "new", "alice")
    command("key", "new", "bob")
    home = Home.open()
    home.write_identity("bob", f"file:{home.key_path('bob')}")
    lines = command("key", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["alice", "bob"]
    assert "default" not in lines[0]
    assert lines[1].endswith("(default signer)")
    assert [key["default"] for key in json.loads(command("key", "list", "--json").out)["keys"]] == [
        False,
        True,
    ]


def test_list_says_which_key_has_no_readable_public_half(command, passphrase):
    command("key", "new", "alice")
    (Home.open().keys_directory / "alice.pub").write_text("damaged")
    done = command("key", "list")
    assert done.code == 0
    assert "unreadable" in done.out


def test_show_gives_the_public_half(command, passphrase):
    told = json.loads(command("key", "new", "alice", "--json").out)
    shown = json.loads(command("key", "show", "alice", "--json").out)
    assert shown["id"] == told["id"]
    key = PublicKey.from_pem(shown["pem"])
    assert shown["oms_hint"] == key.oms_hint
    assert command("key", "show", "alice", "--pem").out == key.pem
    text = command("key", "show", "alice").out
    assert key.id in text
    assert key.pem in text


def test_show_of_nobody_is_an_input_error(command):
    done = command("key", "show", "nobody")
    assert (done.code, done.out) == (2, "")
