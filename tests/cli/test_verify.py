"""`modelward verify MODEL:STAGE`: the answer on a terminal, and the exit code of every kind of no."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.cli.company import Company
from tests.cli.conftest import Done

VERIFIED = """\
VERIFIED: fraud@1 may run in production
  bytes      2 of 2 files match the manifest, none extra
  signature  alice, ecdsa-p256:#
  decision   allowed TIME by gate production
  log        entry 9 is in checkpoint 10, local, unwitnessed
  status     sequence 1 is current, nothing revoked; issued 0 minutes ago, good for 24 hours
"""
FIRST = "rollback bounded by status expiry: nothing was remembered of this registry before\n"
LIMITS = "not checked: licence, model quality\n"


@pytest.fixture
def served(released: Company) -> Company:
    """Olga has a copy of the model and of its release bundle, and no registry."""
    released.served()
    shutil.copy(released.bundle(), released.place / "release.json")
    (released.place / "modelward.toml").unlink()
    return released


def verify(company: Company, *options: object, path: str = "served", place: str = "fraud:production") -> Done:
    return company("olga", "verify", path, "--for", place, "--bundle", "release.json", *options)


def test_a_served_copy_is_verified_by_the_pin_and_the_bundle_alone(served: Company) -> None:
    shutil.rmtree(served.registry)
    done = verify(served)
    assert done.code == 0
    age = r"issued \d+ minutes? ago, good for 2[34] hours"
    assert re.sub(age, "issued 0 minutes ago, good for 24 hours", served.masked(done.out)) == VERIFIED
    assert done.err == FIRST + LIMITS
    assert verify(served).err == LIMITS  # now something is remembered


def test_a_recheck_is_told(served: Company) -> None:
    done = verify(served, "--recheck")
    assert done.code == 0
    line = "  decision   allowed TIME by gate production, and again by this verifier from the evidence\n"
    assert line in served.masked(done.out)


def test_json_says_the_same(served: Company) -> None:
    answer = json.loads(verify(served, "--json").out)
    assert answer["verified"] is True
    assert (answer["files"], answer["sequence"], answer["gated"]) == (2, 1, True)
    assert (answer["release"]["model"], answer["release"]["version"]) == ("fraud", 1)
    assert answer["witnesses"] == []


def test_a_pin_may_be_given_by_digest_or_name(served: Company) -> None:
    pin = served.ok("ruth", "key", "root", "--registry", "registry").out.strip()
    served.ok(
        "stranger", "verify", "served", "--for", "fraud:production", "--bundle", "release.json", "--root", pin
    )
    assert verify(served, "--root", "acme").code == 0


def test_the_registrys_own_bundle_is_the_default(released: Company) -> None:
    released.ok("olga", "verify", "model", "--for", "fraud:production")
    released.ok("olga", "verify", "model", "--for", "fraud:production", "--registry", "registry")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: (path / "weights").write_text("x" * 100), "weights"),
        (lambda path: (path / "weights").unlink(), "weights"),
        (lambda path: (path / "planted.py").write_text("import os"), "planted.py"),
        (lambda path: (path / "weights").rename(path / "weights2"), "weights"),
    ],
    ids=["changed", "missing", "extra", "renamed"],
)
def test_other_bytes_are_rejected_by_name(served: Company, change: object, said: str) -> None:
    change(served.place / "served")  # type: ignore[operator]
    done = verify(served)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: step 11 (bytes): ")
    assert said in done.err


@pytest.mark.parametrize(
    ("options", "place", "code", "said"),
    [
        ((), "spam:production", 1, "step 6 (stage): the bundle is for fraud:production, not spam:production"),
        ((), "fraud:dev", 1, "step 6 (stage): the bundle is for fraud:production, not fraud:dev"),
        (
            ("--root", "sha256:" + "0" * 64),
            "fraud:production",
            1,
            "step 2 (trust policy): this is another registry",
        ),
        (
            ("--require-state",),
            "fraud:production",
            2,
            "step 1 (parse): release.json: nothing is kept of this registry yet",
        ),
        (("--root", "nonsense"), "fraud:production", 2, "no registry is pinned as 'nonsense'"),
        ((), "fraud", 2, "not a stage: 'fraud'\nhelp: write it as MODEL:STAGE"),
        ((), "fraud:pro duction", 2, "not a name: 'pro duction'"),
        ((), "fraud:../../x", 2, "not a name: '../../x'"),
    ],
)
def test_another_question_gets_a_no_or_an_error(
    served: Company, options: tuple[str, ...], place: str, code: int, said: str
) -> None:
    done = verify(served, *options, place=place)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"error: {said}"), done.err


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff\xfe", b'{"format":"modelward-release/v1"}', b"[" * 100_000]
)
def test_a_damaged_bundle_is_no_answer(served: Company, data: bytes) -> None:
    (served.place / "release.json").write_bytes(data)
    done = verify(served)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: step 1 (parse): release.json: "), done.err
    assert not (served.home("olga") / "state").exists() or not list(
        (served.home("olga") / "state").glob("*.json")
    )


def test_an_edited_bundle_is_rejected(served: Company) -> None:
    path = served.place / "release.json"
    bundle = json.loads(path.read_text())
    bundle["manifest"] = bundle["manifest"].replace("weights", "weightz")
    path.write_text(json.dumps(bundle, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    assert verify(served).code == 1


def test_a_missing_bundle_directory_or_pin_is_named(served: Company) -> None:
    (served.place / "release.json").rename(served.place / "r.json")
    assert verify(served).err.startswith("error: release.json: there is no release bundle: No such file")
    (served.place / "r.json").rename(served.place / "release.json")
    done = verify(served, path="nowhere")
    assert (done.code, done.err) == (2, "error: step 11 (bytes): nowhere: there is no directory to verify\n")
    stranger = served("stranger", "verify", "served", "--for", "fraud:production", "--bundle", "release.json")
    assert (stranger.code, stranger.err) == (
        2,
        "error: no registry is pinned\n"
        "help: ask its owner for the identity, then: modelward key root --pin sha256:… --name NAME\n",
    )
    without = served("olga", "verify", "served", "--for", "fraud:production")
    assert (without.code, without.err) == (
        2,
        "error: no release bundle is named\nhelp: pass --bundle FILE or --registry DIR\n",
    )
    assert served("olga", "verify", "served").err == (
        "error: say what it is to serve as\nhelp: modelward verify PATH --for MODEL:STAGE\n"
    )


def test_with_several_pins_one_must_be_meant(served: Company) -> None:
    served.ok("olga", "key", "root", "--pin", "sha256:" + "1" * 64, "--name", "other")
    done = verify(served)
    assert (done.code, done.err) == (
        2,
        "error: 2 registries are pinned, so it is not clear which is meant\n"
        "help: pass --root sha256:HEX or --root NAME\n",
    )
    assert verify(served, "--root", "acme").code == 0


def test_an_older_release_is_rejected_by_whoever_saw_a_newer_one(released: Company) -> None:
    released.served()
    old = released.place / "release.json"
    shutil.copy(released.bundle(), old)
    released.push("next", weights="other")
    released.ok("bob", "approve", "fraud@2", "--to", "production")
    released.ok("alice", "promote", "fraud@2", "--to", "production")
    assert verify(released).code == 0  # nobody told olga yet
    released.ok("olga", "verify", "next", "--for", "fraud:production")
    done = verify(released)
    assert done.code == 1
    assert done.err.startswith(
        "error: step 4 (checkpoint): the bundle's log has 10 entries; 14 were seen before\n"
    )


def test_a_link_is_accepted_only_when_asked_for(served: Company) -> None:
    weights = served.place / "served" / "weights"
    shutil.move(weights, served.place / "served" / "real")
    weights.symlink_to("real")
    assert verify(served).code == 1


def test_the_whole_story_of_the_standard_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: object
) -> None:
    """Data, training, scan, evaluation, approval by a second person, and a third who has only the pin."""
    monkeypatch.chdir(tmp_path)
    town = Company(tmp_path, command)  # type: ignore[arg-type]
    pin = _standard(town)
    _train(town)
    denied = town("alice", "promote", "spam@1", "--to", "production")
    assert denied.code == 1
    assert "  FAIL  approved        0 of 1\n" in denied.out
    assert denied.out.count("FAIL") == 1, denied.out
    town.ok("alice", "approve", "spam@1", "--to", "production")
    still = town("alice", "promote", "spam@1", "--to", "production")
    assert "alice does not count: is the author\n" in still.out
    town.ok("bob", "approve", "spam@1", "--to", "production")
    town.ok("alice", "promote", "spam@1", "--to", "production")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copytree(tmp_path / "model", elsewhere / "spam")
    shutil.copy(town.bundle(model="spam"), elsewhere / "release.json")
    shutil.rmtree(town.registry)
    monkeypatch.chdir(elsewhere)
    town.ok("olga", "key", "root", "--pin", pin, "--name", "acme")
    verified = town.ok(
        "olga", "verify", "spam", "--for", "spam:production", "--bundle", "release.json", "--recheck"
    )
    assert verified.out.startswith("VERIFIED: spam@1 may run in production\n")


def _standard(town: Company) -> str:
    """A registry with the standard policy, and everybody's keys."""
    town.ok(
        "ruth", "init", "registry", "--name", "acme", "--as", "ruth", "--no-passphrase", "--metric", "f1=0.9"
    )
    for who, *roles in (
        ("dora", "data-steward"),
        ("alice", "publisher", "trainer", "approver"),
        ("sam", "scanner"),
        ("eve", "evaluator"),
        ("bob", "approver"),
    ):
        town.join(who, tuple(roles))
    return town.pin()


def _train(town: Company) -> None:
    """What the standard policy asks for, all but the approval."""
    import sys

    place = town.place
    for name, row in (("train", "win,1"), ("test", "hello,0")):
        (place / f"{name}.csv").write_text(f"text,label\n{row}\n")
        town.ok(
            "dora", "data", "custody", "--operation", "collect", "--out", f"{name}.csv", "--name", name,
            "--source", "https://data.example/spam", "--licence", "MIT",
        )  # fmt: skip
    (place / "train.py").write_text(
        "import os, sys\nos.makedirs('model')\n"
        "open('model/model-card.toml', 'w').write(open('card.toml').read())\n"
        "open('model/config.json', 'w').write('{}')\n"
    )
    (place / "card.toml").write_text('[model]\nlicence = "MIT"\n')
    (place / "harness.py").write_text("print('measured')\n")
    (place / "metrics.json").write_text('{"f1": 0.95}')
    town.ok(
        "alice", "run", "train", "--in", "train=train.csv", "--out", "model=model", "--code", "train.py",
        "--code", "card.toml", "--", sys.executable, "train.py",
    )  # fmt: skip
    town.ok("alice", "push", "model", "--model", "spam")
    town.ok("sam", "scan", "model", "--sign")
    town.ok(
        "eve", "eval", "model", "--data", "test.csv", "--harness", "harness.py", "--metrics", "metrics.json"
    )
