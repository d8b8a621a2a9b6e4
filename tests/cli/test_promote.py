"""`modelward promote`: the gate's answer, what is logged, and what verifiers get."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.company import POLICY, Company
from tests.cli.conftest import Done

DENIED = """\
gate production: DENIED
  subject  dirHash:# (2 files)   policy sha256:#
  ok    log-consistent  7 entries
  ok    signed          by alice (publisher), ecdsa-p256:#
  ok    not-revoked     artifact and 0 ancestors
  FAIL  approved        0 of 1
  ok    small-enough    at most 1000 bytes
help: modelward approve fraud@1 --to production, by someone else
"""


def test_a_denial_says_why_and_what_helps(company: Company) -> None:
    company.push()
    done = company("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 1
    assert company.masked(done.out) == DENIED
    assert done.err == "decision logged as entry 7\nnothing was promoted\n"
    assert not company.bundle().exists()


def test_a_dry_run_says_the_same_and_logs_nothing(company: Company) -> None:
    company.push()
    done = company("alice", "promote", "fraud@1", "--to", "production", "--dry-run")
    assert (done.code, company.masked(done.out)) == (1, DENIED)
    assert done.err == "dry run: nothing was logged or promoted\n"
    assert company.log_size() == 7
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    assert company("alice", "promote", "fraud@1", "--to", "production", "--dry-run").code == 0
    assert company.log_size() == 8


def test_an_allowed_release_takes_the_stage(company: Company) -> None:
    company.push()
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    done = company("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 0
    assert company.masked(done.out) == (
        "gate production: ALLOWED\n"
        "  subject  dirHash:# (2 files)   policy sha256:#\n"
        "  ok    log-consistent  8 entries\n"
        "  ok    signed          by alice (publisher), ecdsa-p256:#\n"
        "  ok    not-revoked     artifact and 0 ancestors\n"
        "  ok    approved        1 of 1, by bob\n"
        "  ok    small-enough    at most 1000 bytes\n"
    )
    assert done.err == (
        "decision logged as entry 8\n"
        "production now points to fraud@1; release bundle: registry/releases/fraud/production.json\n"
    )
    company.sound()


def test_json_says_the_same(company: Company) -> None:
    company.push()
    done = company("alice", "promote", "fraud@1", "--to", "production", "--json")
    answer = json.loads(done.out)
    assert done.code == 1
    assert (answer["allowed"], answer["passed"], answer["mode"]) == (False, False, "enforce")
    assert (answer["decisionEntry"], answer["stageEntry"], answer["sequence"]) == (7, None, 1)
    assert answer["dryRun"] is False
    assert answer["checks"][3] == {
        "detail": ["0 of 1"],
        "help": "modelward approve fraud@1 --to production, by someone else",
        "id": "approved",
        "outcome": "fail",
    }
    assert answer["release"]["model"] == "fraud"


@pytest.mark.parametrize(
    ("who", "arguments", "code", "said"),
    [
        (
            "alice",
            ("fraud@1", "--to", "nosuch"),
            2,
            "the policy has no stage 'nosuch'\nhelp: stages are dev,",
        ),
        ("alice", ("fraud@2", "--to", "dev"), 2, "there is no fraud@2 in the registry\nhelp: modelward push"),
        ("alice", ("fraud@-1", "--to", "dev"), 2, "not a version: 'fraud@-1'"),
        ("sam", ("fraud@1", "--to", "dev"), 1, "sam (scanner) may not promote fraud\n"),
        ("olga", ("fraud@1", "--to", "dev"), 2, "no key to sign with"),
    ],
)
def test_a_request_that_makes_no_sense_logs_nothing(
    company: Company, who: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    company.push()
    done = company(who, "promote", *arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(f"error: {said}"), done.err
    assert company.log_size() == 7


def test_promotions_at_once_use_each_approval_once(company: Company) -> None:
    company.push()
    company.push("next", weights="other")
    for version in ("fraud@1", "fraud@2"):
        company.ok("bob", "approve", version, "--to", "production")
    running = [
        company.start("alice", "promote", f"fraud@{1 + number % 2}", "--to", "production")
        for number in range(4)
    ]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in running]
    assert {code for _, _, code in ends} <= {0, 1}, ends
    shown = json.loads(company.ok("ruth", "registry", "show", "--json").out)
    assert [stage["sequence"] for stage in shown["stages"]] == [2]
    company.sound()
    current = company.place / ("model" if shown["stages"][0]["version"] == 1 else "next")
    company.ok("olga", "verify", current, "--for", "fraud:production")


def test_a_policy_changed_at_the_same_time_is_obeyed_or_came_later(released: Company) -> None:
    """A promotion must not be decided by a policy that the log had replaced before the decision."""
    (released.place / "strict.toml").write_text(POLICY.replace("1000", "10"))
    running = [
        released.start("alice", "promote", "fraud@1", "--to", "production"),
        released.start("ruth", "registry", "policy", "strict.toml"),
        released.start("alice", "promote", "fraud@1", "--to", "production"),
    ]
    ends = [(*process.communicate(timeout=60), process.returncode) for process in running]
    assert ends[1][2] == 0, ends
    assert {ends[0][2], ends[2][2]} <= {0, 1}, ends
    released.sound()
    released.ok("olga", "verify", "model", "--for", "fraud:production")
    assert "  FAIL  small-enough " in released("alice", "promote", "fraud@1", "--to", "production").out


def test_blobs_that_are_gone_are_named(released: Company) -> None:
    shutil.rmtree(released.registry / "blobs")
    done = released("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 2
    assert "does not hold this blob\nhelp: push it again, or restore it from a backup\n" in done.err


@pytest.mark.parametrize("role", ["gate", "log"])
def test_without_a_service_key_nothing_is_promoted(released: Company, role: str) -> None:
    released.ok("bob", "approve", "fraud@1", "--to", "production")
    (released.registry / "keys" / f"{role}.pem").unlink()
    size = released.log_size()
    done = released("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 2
    assert f"error: registry/keys/{role}.pem: cannot read the key: No such file or directory\n" in done.err
    assert "now points to" not in done.err
    assert released.log_size() == size


def test_a_release_whose_status_cannot_be_signed_is_not_called_a_success(released: Company) -> None:
    key = released.registry / "keys" / "status.pem"
    released.ok("bob", "approve", "fraud@1", "--to", "production")
    key.rename(released.place / "away.pem")
    done = released("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 2
    assert done.err == (
        "decision logged as entry 11\n"
        "error: registry/keys/status.pem: cannot read the key: No such file or directory\n"
        "fraud@1 is logged for production, but verifiers would not accept its bundle yet\n"
        "once that is mended: modelward registry refresh\n"
    )
    (released.place / "away.pem").rename(key)
    released.ok("ruth", "registry", "refresh")
    assert "sequence 2 is current" in released.ok("olga", "verify", "model", "--for", "fraud:production").out


def test_a_log_that_was_rewritten_denies_and_gets_no_entry(released: Company) -> None:
    from modelward.log.sequencer import Log
    from modelward.registry.settings import Settings

    log = released.registry / "log"
    with Log.open(log) as original:
        origin, entries = original.origin, list(original.entries())
    shutil.rmtree(log)
    key = Settings.read(released.registry / "registry.toml").signer("log", released.registry)
    with Log.create(log, origin, key) as forged:
        forged.append_all([*entries[:5], entries[6], entries[5], *entries[7:]])
    done = released("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 1
    assert "gate production: DENIED\n" in done.out
    assert "  FAIL  log-consistent" in done.out
    assert done.err == "the log is not consistent: the decision was not logged and nothing was promoted\n"
    shown = released("ruth", "registry", "show")
    assert shown.out.startswith("registry acme, 10 log entries, NOT CONSISTENT with an earlier checkpoint\n")
    pushed = released("alice", "push", released.model("next", weights="x"), "--model", "fraud")
    assert pushed.code == 1
    assert "nothing is written to a log that was tampered with" in pushed.err


def test_an_observing_registry_takes_over_what_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]
) -> None:
    """`init --policy observe`, import, and see what the policy would say."""
    monkeypatch.chdir(tmp_path)
    town = Company(tmp_path, command)
    town.ok("ruth", "init", "registry", "--policy", "observe", "--as", "ruth", "--no-passphrase")
    done = town.ok("ruth", "registry", "import", town.model(), "--model", "old")
    assert (done.out, done.err) == ("old@1\n", "imported as declared, logged as entry 1\n")
    would = "signed, scanned, provenance, custody, evaluated, bom, approved"
    for options, said in (
        (("--dry-run",), "dry run: nothing was logged or promoted\n"),
        (
            (),
            "decision logged as entry 2\nproduction now points to old@1; release bundle: registry/releases/",
        ),
    ):
        done = town("ruth", "promote", "old", "--to", "production", *options)
        assert done.code == 0
        lines = town.masked(done.out).splitlines()
        assert lines[0] == (
            f"gate production: ALLOWED, ungated: the policy only observes; it would deny for {would}"
        )
        assert lines[3] == (
            "  FAIL  signed          imported by ruth (publisher), ecdsa-p256:#:"
            " nothing about its making is attested"
        )
        assert "  FAIL  scanned         no authorised scan of this artifact" in lines
        assert lines[-1] == "help: modelward approve old@1 --to production, by someone else"
        assert done.err.startswith(said)
    verified = town.ok("ruth", "verify", "model", "--for", "old:production", "--recheck")
    assert verified.out.startswith("VERIFIED (ungated): old@1 may run in production\n")
    assert f"  ungated    the policy only observes; it would deny for {would}\n" in verified.out
    refused = town("ruth", "verify", "model", "--for", "old:production", "--require-gated")
    assert refused.code == 1
    assert "the release is ungated: its policy only observes" in refused.err


def test_even_an_observing_registry_denies_what_is_revoked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Done]
) -> None:
    monkeypatch.chdir(tmp_path)
    town = Company(tmp_path, command)
    town.ok("ruth", "init", "registry", "--policy", "observe", "--as", "ruth", "--no-passphrase")
    town.ok("ruth", "push", town.model(), "--model", "old")
    artifact = json.loads(town.ok("ruth", "registry", "show", "--json").out)["versions"][0]["artifact"]
    town.ok("ruth", "revoke", "artifact", artifact, "--reason", "it has a backdoor")
    done = town("ruth", "promote", "old", "--to", "production")
    assert done.code == 1
    assert done.out.startswith("gate production: DENIED\n")
    assert "is revoked: it has a backdoor\n" in done.out
