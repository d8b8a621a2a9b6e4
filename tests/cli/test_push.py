"""`modelward push`: versions are immutable, count up, and survive what happens beside and during a push."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.company import Company


def test_a_directory_becomes_a_version(company: Company) -> None:
    done = company("alice", "push", company.model(), "--model", "fraud", "--description", "first")
    assert (done.code, done.out, done.err) == (0, "fraud@1\n", "logged as entry 6\n")
    company.model("next", weights="other")
    assert company.ok("alice", "push", "next", "--model", "fraud").out == "fraud@2\n"
    assert company.ok("alice", "push", "next", "--model", "spam").out == "spam@1\n"
    company.sound()


def test_the_same_directory_is_registered_once(company: Company) -> None:
    company.push()
    size = company.log_size()
    done = company.push()
    assert (done.out, done.err) == ("fraud@1\n", "already registered: nothing was added\n")
    assert company.log_size() == size


def test_pushing_again_brings_lost_blobs_back(released: Company) -> None:
    shutil.rmtree(released.registry / "blobs")
    assert released("alice", "promote", "fraud@1", "--to", "production").code == 2
    assert released.push().err == "already registered: nothing was added\n"
    released.ok("alice", "promote", "fraud@1", "--to", "production")  # makes the BOM again


def test_somebody_without_the_role_cannot_push(company: Company) -> None:
    done = company("bob", "push", company.model(), "--model", "fraud")
    assert (done.code, done.out, done.err) == (1, "", "error: bob (approver) may not push fraud\n")
    assert not list((company.registry / "blobs").rglob("*")) or not (company.registry / "blobs").exists()


def test_a_key_that_nobody_trusts_cannot_push(company: Company) -> None:
    company.ok("alice", "key", "new", "other", "--no-passphrase")
    key = company.home("alice") / "keys" / "other.pem"
    done = company("alice", "push", company.model(), "--model", "fraud", "--key", key)
    assert done.code == 1
    assert "error: signed with a key that the trust policy does not know" in done.err


def test_somebody_without_a_key_cannot_push(company: Company) -> None:
    done = company("olga", "push", company.model(), "--model", "fraud")
    assert (done.code, done.err) == (
        2,
        "error: no key to sign with\n"
        "help: modelward key new NAME makes one; where there are several, pass --key NAME\n",
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nothing", "error: nothing: a model is a directory\n"),
        ("model/config", "error: model/config: a model is a directory\n"),
        ("empty", "error: empty: there is no file to digest\n"),
    ],
)
def test_what_is_no_model_is_refused(company: Company, path: str, said: str) -> None:
    company.model()
    (company.place / "empty").mkdir()
    done = company("alice", "push", path, "--model", "fraud")
    assert done.code == 2
    assert done.err.startswith(said)


@pytest.mark.parametrize("name", ["fr/aud", "../fraud", "", ".hidden", "a" * 129, "fraud@1", "fraud:dev"])
def test_a_name_that_is_none_is_refused(company: Company, name: str) -> None:
    done = company("alice", "push", company.model(), "--model", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: not a name: ")


def test_a_link_out_of_the_model_is_refused(company: Company) -> None:
    (company.model() / "secret").symlink_to("/etc/hostname")
    done = company("alice", "push", "model", "--model", "fraud")
    assert done.code == 2
    assert "secret" in done.err


def test_a_description_over_the_bound_leaves_nothing_in_the_log(company: Company) -> None:
    size = company.log_size()
    done = company("alice", "push", company.model(), "--model", "fraud", "--description", "x" * 10_001)
    assert done.code == 2
    assert "10000" in done.err
    assert company.log_size() == size


def test_pushes_at_once_all_end_well_or_say_who_was_first(company: Company) -> None:
    names = [company.model(f"model-{number}", weights=str(number)) for number in range(4)]
    running = [company.start("alice", "push", name.name, "--model", "fraud") for name in names]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in running]
    versions = sorted(out for out, _, code in ends if code == 0)
    assert versions == [f"fraud@{number}\n" for number in range(1, len(versions) + 1)]
    assert versions
    for _, err, code in ends:
        if code != 0:
            assert code == 2
            assert err.startswith("error: the next version of fraud is ")
            assert err.endswith("help: somebody else may have pushed meanwhile; push again\n")
    company.sound()
    for name in names:
        company.ok("alice", "push", name.name, "--model", "fraud")
    assert company.ok("ruth", "registry", "show").out.count("fraud@") == len(names)


def test_nothing_is_lost_when_a_push_is_killed(released: Company) -> None:
    """At every seventh durable step; see crash.py. The next push, replay and audit must succeed."""
    released.model("next", weights="other")
    _check_kills(released, "alice", "push", "next", "--model", "fraud")


def test_nothing_is_lost_when_a_promotion_is_killed(released: Company) -> None:
    released.ok("bob", "approve", "fraud@1", "--to", "production")
    _check_kills(released, "alice", "promote", "fraud@1", "--to", "production")


def _check_kills(company: Company, *command: str) -> None:
    script = Path(__file__).with_name("crash.py")
    done = subprocess.run(
        [sys.executable, str(script), "7", str(company.place), *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 5
    for line in lines:
        step, _, what = line.partition(": ")
        code, _, after = what.partition("; ")
        assert code == ("0" if line == lines[-1] else "-9"), f"{step}: {done.stdout}"
        assert after == "replay 0, audit 0, again 0, verify 0, replay 0", done.stdout
