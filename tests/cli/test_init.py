"""`modelward init`: what it says, and that it leaves a registry or nothing."""

from __future__ import annotations

import getpass
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.company import Company
from tests.cli.conftest import Done


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]) -> Company:
    """A working directory without a registry."""
    monkeypatch.chdir(tmp_path)
    return Company(tmp_path, command)


def init(town: Company, *options: object, directory: str = "registry") -> Done:
    return town("ruth", "init", directory, "--as", "ruth", "--no-passphrase", *options)


def test_it_says_what_it_made(town: Company) -> None:
    done = init(town, "--name", "acme")
    assert done.code == 0
    assert town.masked(done.out) == "sha256:#\n"
    assert town.masked(done.err) == (
        "made the registry acme in registry; it is named by the digest above\n"
        "  you       ruth, ecdsa-p256:#: publisher, data-steward, trainer, evaluator, scanner, approver,"
        " administrator\n"
        "  root key  PLACE/people/ruth/keys/acme-root.pem: signs the trust policy; keep it offline\n"
        "  services  registry/keys: gate, log and status keys, unencrypted, for this machine alone\n"
        "  policy    standard: production needs scan, provenance, custody, evaluation, BOM and one approval\n"
        "  pinned    in PLACE/people/ruth/roots.toml; give others the digest to pin\n"
        "  settings  modelward.toml names the registry for commands in this directory\n"
        "local, unwitnessed: whoever can read its keys can rewrite it; holders of old checkpoints notice\n"
        "next: modelward key trust NAME --key PUB.pem --role approver,"
        " then modelward push PATH --model NAME\n"
    )
    assert (town.place / "modelward.toml").read_text() == 'registry = "registry"\n'


def test_private_keys_are_for_their_owner_alone(town: Company) -> None:
    init(town)
    for key in town.place.rglob("*.pem"):
        assert key.stat().st_mode & 0o077 == 0, key


def test_everything_is_named_by_the_registrys_directory_and_the_users_name(town: Company) -> None:
    done = town("ruth", "init", "spam", "--no-passphrase")
    assert "made the registry spam in spam" in done.err
    assert f"  you       {getpass.getuser()}, " in done.err


@pytest.mark.parametrize("name", ["root", "gate", "log", "status", "acme"])
def test_a_founder_may_be_called_like_a_role(town: Company, name: str) -> None:
    town.ok("ruth", "init", "registry", "--name", "acme", "--as", name, "--no-passphrase")
    (town.place / "model").mkdir()
    (town.place / "model" / "weights").write_text("w")
    town.ok("ruth", "push", "model", "--model", "fraud")
    assert f"  fraud@1  dirHash:#  by {name}\n" in town.masked(town.ok("ruth", "registry", "show").out)


@pytest.mark.parametrize("name", ["root", "gate", "log", "status", "registry"])
def test_a_registry_may_be_called_like_a_role(town: Company, name: str) -> None:
    assert init(town, directory=name).code == 0
    town.ok("ruth", "registry", "show")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("registry", "error: 'registry' is a name of the registry's own\n"),
        ("acme-root", "error: 'acme-root' is a name of the registry's own\n"),
        ("ru th", "error: not a name: 'ru th'\n"),
    ],
)
def test_a_name_that_cannot_be_used_leaves_no_registry(town: Company, name: str, said: str) -> None:
    done = town("ruth", "init", "registry", "--name", "acme", "--as", name, "--no-passphrase")
    assert done.code == 2
    assert done.err.startswith(said)
    assert "help: " in done.err
    assert not town.registry.exists()
    assert not town.home("ruth").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--person", " "), "error: principal ruth has a blank person"),
        (("--role", "root"), "'root' is not one of 'publisher'"),
        (("--metric", "f1"), "error: not a threshold: 'f1'\nhelp: write it as --metric f1=0.9\n"),
        (("--metric", "f1=nan"), "error: not a threshold: 'f1=nan'"),
        (("--metric", "f1=inf"), "error: not a threshold: 'f1=inf'"),
        (("--name", "a/b"), "error: not a name: 'a/b'"),
        (("--policy", "lax"), "'lax' is not one of 'observe', 'standard', 'strict'"),
    ],
)
def test_a_mistake_can_be_mended_by_trying_again(town: Company, options: tuple[str, str], said: str) -> None:
    done = init(town, *options)
    assert done.code == 2
    assert said in done.err
    assert not (town.place / "modelward.toml").exists()
    assert init(town).code == 0


def test_without_a_passphrase_or_a_terminal_nothing_is_made(town: Company) -> None:
    done = town("ruth", "init", "registry", "--as", "ruth")
    assert (done.code, done.err) == (
        2,
        "error: no passphrase for the new key\n"
        "help: set MODELWARD_PASSPHRASE, run this on a terminal, or pass --no-passphrase\n",
    )
    assert not list(town.place.iterdir())


def test_a_user_without_a_name_is_asked_for_one(town: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user is not in its passwd file."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr(getpass, "getuser", nobody)
    done = town("ruth", "init", "registry", "--no-passphrase")
    assert (done.code, done.err) == (
        2,
        "error: this machine does not say who you are\nhelp: pass --as NAME\n",
    )


def test_thresholds_come_into_the_policy(town: Company) -> None:
    init(town, "--metric", "f1=0.9", "--metric", "acc.top1=1e-9")
    policy = town.ok("ruth", "registry", "policy").out
    assert policy.count('metrics."f1" = { min = 0.9 }\n') == 2  # staging and production
    assert policy.count('metrics."acc.top1" = { min = 1e-09 }\n') == 2


def test_a_registry_is_not_made_over_another(town: Company) -> None:
    init(town)
    done = init(town, "--name", "other")
    assert (done.code, done.err) == (
        2,
        "error: registry: there is a registry here already\n"
        "help: use it: modelward key root --registry DIR shows its identity; or choose another place\n",
    )


def test_a_registry_is_not_made_among_other_files(town: Company) -> None:
    town.registry.mkdir()
    (town.registry / "thesis.tex").write_text("x")
    done = init(town)
    assert done.err == (
        "error: registry: the directory is not empty\nhelp: choose another place for the registry\n"
    )
    assert [path.name for path in town.registry.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_place_for_a_registry(town: Company) -> None:
    town.registry.write_text("x")
    done = init(town)
    assert (done.code, done.err) == (
        2,
        "error: registry: this is a file\nhelp: choose another place for the registry\n",
    )


def test_a_pinned_name_is_not_taken_again(town: Company) -> None:
    init(town, "--name", "acme")
    done = init(town, "--name", "acme", directory="second")
    assert town.masked(done.err) == (
        "error: PLACE/people/ruth/roots.toml: you have pinned another registry named 'acme'\n"
        "help: choose another --name, or remove its line if that registry is gone\n"
    )
    assert not (town.place / "second").exists()


def test_a_second_registry_uses_the_same_identity_and_is_named_by_an_option(town: Company) -> None:
    init(town, "--name", "acme")
    second = init(town, "--name", "other", directory="second")
    assert (
        "  settings  commands in this directory use registry; for this registry pass --registry\n"
        in second.err
    )
    assert sorted(path.name for path in (town.home("ruth") / "keys").glob("*.pem")) == [
        "acme-root.pem",
        "other-root.pem",
        "ruth.pem",
    ]
    assert "registry other" in town.ok("ruth", "registry", "show", "--registry", "second").out


def test_under_another_name_it_says_which_key_acts_there(town: Company) -> None:
    init(town, "--name", "acme")
    second = town("ruth", "init", "second", "--as", "ann", "--no-passphrase")
    line = "  signer    your default key is ruth's; act here with --key PLACE/people/ruth/keys/ann.pem\n"
    assert line in town.masked(second.err)


def test_settings_without_a_registry_are_left_alone(town: Company) -> None:
    (town.place / "modelward.toml").write_text("# nothing yet\n")
    done = init(town)
    assert '  settings  put this into modelward.toml, or pass --registry: registry = "registry"\n' in done.err
    assert (town.place / "modelward.toml").read_text() == "# nothing yet\n"


DYING = """
import os, signal, sys
from modelward.cli import main
steps = int(sys.argv[1])
def dying(real):
    def call(*arguments, **options):
        global steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    return call
os.fsync, os.replace, os.link = dying(os.fsync), dying(os.replace), dying(os.link)
main(["init", "registry", "--as", "ruth", "--no-passphrase"])
"""


@pytest.mark.parametrize("step", [1, 4, 8, 14, 20, 26])
def test_a_killed_init_says_how_to_go_on(town: Company, step: int) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DYING, str(step)],
        cwd=town.place,
        env=dict(town.environment("ruth")),
        check=False,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    again = init(town)
    if again.code == 2 and "interrupted here" in again.err:
        assert again.err == (
            "error: registry: an earlier modelward init was interrupted here\n"
            "help: remove the directory, nothing was registered in it, and try again\n"
        )
        subprocess.run(["rm", "-r", str(town.registry)], check=True)
        again = init(town)
    if again.code == 2:  # the registry was made, but not pinned
        assert (
            "there is a registry here already\nhelp: use it: modelward key root --registry DIR" in again.err
        )
        pin = town.ok("ruth", "key", "root", "--registry", "registry").out.strip()
        town.ok("ruth", "key", "root", "--pin", pin, "--registry", "registry")
    town.ok("ruth", "registry", "show", "--registry", "registry")


def test_an_existing_default_signer_founds_the_registry(town: Company) -> None:
    """A key elsewhere, as on a token, is not replaced by a new file."""
    town.ok("ruth", "key", "new", "elsewhere", "--no-passphrase")
    key = town.home("ruth") / "keys" / "elsewhere.pem"
    moved = town.place / "token.pem"
    os.rename(key, moved)
    (town.home("ruth") / "identity.toml").write_text(f'name = "ruth"\nsigner = "file:{moved}"\n')
    town.ok("ruth", "init", "registry", "--no-passphrase")
    assert not (town.home("ruth") / "keys" / "ruth.pem").exists()
    (town.place / "model").mkdir()
    (town.place / "model" / "weights").write_text("w")
    town.ok("ruth", "push", "model", "--model", "fraud")


def test_a_place_that_cannot_be_written_is_an_error_and_no_defect(town: Company) -> None:
    (town.place / "file").write_text("x")
    done = init(town, "--name", "acme", directory="file/registry")
    assert done.code == 2
    assert done.err.startswith("error: file/registry")
    assert "not a directory" in done.err
    assert "defect" not in done.err
