"""`modelward registry`, and what a registry says when a part of it is damaged or not to be written."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.company import POLICY, Company

# -- show, import, attach ----------------------------------------------------------------------------


def test_show_lists_versions_and_where_they_are(released: Company) -> None:
    released.push("next", weights="other")
    assert released.masked(released.ok("ruth", "registry", "show").out) == (
        "registry acme, 11 log entries, local, unwitnessed\n"
        "  fraud@1  dirHash:#  by alice  -> production (release 1)\n"
        "  fraud@2  dirHash:#  by alice\n"
    )


def test_show_of_one_model_leaves_others_out(released: Company) -> None:
    released.ok("alice", "push", released.model("next", weights="x"), "--model", "spam")
    assert "fraud" not in released.ok("ruth", "registry", "show", "spam").out
    unknown = released("ruth", "registry", "show", "ham")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.err.startswith("error: there is no ham in the registry\nhelp: ")


def test_show_as_json(released: Company) -> None:
    answer = json.loads(released.ok("ruth", "registry", "show", "--json").out)
    assert (answer["name"], answer["logSize"], answer["consistent"]) == ("acme", 10, True)
    assert answer["identity"] == released.pin()
    assert [(v["model"], v["version"], v["author"], v["origin"]) for v in answer["versions"]] == [
        ("fraud", 1, "alice", "pushed")
    ]
    assert [(s["stage"], s["sequence"], s["version"], s["gated"]) for s in answer["stages"]] == [
        ("production", 1, 1, True)
    ]


def test_an_imported_version_is_marked_and_only_declared(company: Company) -> None:
    done = company("alice", "registry", "import", company.model(), "--model", "old")
    assert (done.code, done.out, done.err) == (0, "old@1\n", "imported as declared, logged as entry 6\n")
    again = company("alice", "registry", "import", "model", "--model", "old")
    assert (again.code, again.out, again.err) == (0, "old@1\n", "already registered\n")
    assert "by alice, imported\n" in company.ok("ruth", "registry", "show").out
    company.ok("alice", "promote", "old", "--to", "dev")  # this stage allows it
    denied = company("alice", "promote", "old", "--to", "production")
    assert "FAIL  signed          imported by alice" in denied.out
    assert (
        "help: set allow-imported = true for this stage, or push a version made by a recorded step\n"
        in denied.out
    )


def test_a_statement_signed_elsewhere_is_attached(released: Company, tmp_path: Path) -> None:
    released.ok("bob", "approve", "fraud@1", "--to", "dev")
    stored = max((released.registry / "statements").rglob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    elsewhere = tmp_path / "approval.json"
    shutil.copy(stored, elsewhere)
    done = released("olga", "registry", "attach", elsewhere)  # whoever brings it: the signature counts
    assert (done.code, released.masked(done.out), done.err) == (0, "sha256:#\n", "logged as entry 10\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "bundle is not valid JSON"),
        (b"{}", "bundle media type None is not"),
        (b"\x00" * 100, "bundle is not"),
        (b"[" * 100_000, "bundle nests deeper than"),
    ],
    ids=["cut off", "empty", "zeros", "deep"],
)
def test_what_is_no_statement_is_not_attached(company: Company, data: bytes, said: str) -> None:
    (company.place / "x.json").write_bytes(data)
    size = company.log_size()
    done = company("alice", "registry", "attach", "x.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: x.json: {said}"), done.err
    assert company.log_size() == size


# -- policy ------------------------------------------------------------------------------------------


def test_policy_prints_the_policy_in_force(company: Company) -> None:
    assert company.ok("ruth", "registry", "policy").out == POLICY


def test_another_policy_comes_into_force_with_a_new_trust_policy(company: Company) -> None:
    (company.place / "new.toml").write_text(POLICY.replace("1000", "10"))
    done = company("ruth", "registry", "policy", "new.toml")
    assert done.code == 0
    assert company.masked(done.out) == "trust policy version 7 is in force until TIME\n"
    assert company.masked(done.err) == (
        "logged; status and 0 release bundles were issued anew\ngate policy small, sha256:#\n"
    )
    assert "<= 10" in company.ok("ruth", "registry", "policy").out


def test_only_root_changes_the_policy(company: Company) -> None:
    (company.place / "new.toml").write_text(POLICY.replace("1000", "10"))
    done = company("alice", "registry", "policy", "new.toml")
    assert done.code == 2
    assert "acme-root.pem: cannot read the key" in done.err
    own = company(
        "alice", "registry", "policy", "new.toml", "--root-key", company.home("alice") / "keys/alice.pem"
    )
    assert own.code == 1
    assert "is no root key of acme\nhelp: name the root key with --root-key URI\n" in own.err
    assert company.ok("ruth", "registry", "policy").out == POLICY


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "new.toml: not a valid policy: "),
        (
            'format = "modelward-policy/v1"\nname = "x"\n[stage]\n',
            "new.toml: the policy names no stage\nhelp: add",
        ),
        (
            POLICY.replace("check.signed]", "check.sgned]"),
            "new.toml: stage dev: unknown check 'sgned'\nhelp: ",
        ),
        (POLICY.replace('1000"', '1000 +"'), "new.toml: rule small-enough: "),
        (
            POLICY.replace("allow-imported", "allow-import"),
            "new.toml: stage dev: check signed: Object contains",
        ),
        (
            POLICY.replace('name = "small"', 'name = "small"\nstatus-valid = "1 day"'),
            "new.toml: not a duration",
        ),
        (
            POLICY.replace('name = "small"', 'name = "small"\nstatus-valid = "0h"'),
            "new.toml: too short a duration",
        ),
        (
            POLICY.replace("check.approved]", "check.approved]\ncount = 0"),
            "new.toml: stage production: check approved: Expected `int` >= 1 - at `$.count`\n",
        ),
        (
            POLICY + '[stage.production.check.scanned]\nmax-age = "soon"\n',
            "new.toml: stage production: check scanned: not a duration: 'soon'",
        ),
        (
            POLICY + "[stage.production.check.evaluated]\nmetrics.f1 = { min = nan }\n",
            "new.toml: stage production: check evaluated: a bound must be a finite number",
        ),
    ],
)
def test_a_policy_that_cannot_be_read_changes_nothing(company: Company, text: str, said: str) -> None:
    (company.place / "new.toml").write_text(text)
    before = sorted(path.name for path in (company.registry / "policies").iterdir())
    done = company("ruth", "registry", "policy", "new.toml")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {said}"), done.err
    assert sorted(path.name for path in (company.registry / "policies").iterdir()) == before


def test_a_policy_file_that_is_not_there_is_named(company: Company) -> None:
    done = company("ruth", "registry", "policy", "nothing.toml")
    assert (done.code, done.err) == (2, "error: nothing.toml: cannot be read: No such file or directory\n")


def test_a_lost_policy_is_replaced_by_a_new_one(released: Company) -> None:
    for path in (released.registry / "policies").iterdir():
        path.unlink()
    done = released("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 2
    assert done.err.endswith(
        ".toml: the gate policy cannot be read: No such file or directory\n"
        "help: restore the file, or put a policy in its place: modelward registry policy FILE\n"
    )
    assert released("ruth", "registry", "policy").code == 2
    released.policy(POLICY)
    released.ok("alice", "promote", "fraud@1", "--to", "production")


# -- refresh, replay, export -------------------------------------------------------------------------


def test_refresh_says_what_it_issued(released: Company) -> None:
    done = released("ruth", "registry", "refresh")
    assert (done.code, done.out, done.err) == (
        0,
        "fraud:production  release 1, fraud@1\n",
        "status issued; 1 release bundle in registry/releases\n",
    )


def test_refresh_mends_a_damaged_bundle(released: Company) -> None:
    released.bundle().write_bytes(b"{")
    assert released("olga", "verify", "model", "--for", "fraud:production").code == 2
    released.ok("ruth", "registry", "refresh")
    released.ok("olga", "verify", "model", "--for", "fraud:production")


def test_replay_says_equal_or_what_differed(released: Company) -> None:
    done = released("ruth", "registry", "replay")
    assert (done.code, done.out, done.err) == (0, "equal: the tables are what 10 log entries say\n", "")
    edit(released, "UPDATE releases SET version = 2")
    done = released("ruth", "registry", "replay")
    assert (done.code, done.out, done.err) == (
        1,
        "releases: row ('fraud', 'production', 1) was changed in version\n",
        "the tables were not what 10 log entries say; they are now\n",
    )
    released.sound()


def test_an_export_is_what_verifiers_need(released: Company) -> None:
    done = released("ruth", "registry", "export", "fraud:production", "--out", "release.json")
    assert (done.code, done.out, done.err) == (0, "", "wrote release.json: release 1 of fraud:production\n")
    released.ok("olga", "verify", "model", "--for", "fraud:production", "--bundle", "release.json")
    printed = released.ok("ruth", "registry", "export", "fraud:production").out
    (released.place / "printed.json").write_text(printed.rstrip("\n"))
    released.ok("olga", "verify", "model", "--for", "fraud:production", "--bundle", "printed.json")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fraud:staging",), "error: nothing was promoted to fraud:staging yet\n"),
        (("fraud",), "error: not a stage: 'fraud'\nhelp: write it as MODEL:STAGE\n"),
        (("fraud:production", "--since", "999"), "entries\nhelp: modelward log audit\n"),
        (("fraud:production", "--since", "-3"), "-3 is not in the range x>=0"),
        (("fraud:production", "--out", "nowhere/deep/../../model/weights/x"), "error: "),
    ],
)
def test_what_cannot_be_exported_is_refused(released: Company, arguments: tuple[str, ...], said: str) -> None:
    done = released("ruth", "registry", "export", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_verifier_far_behind_gets_a_bundle_since_then(released: Company) -> None:
    """More checkpoints were exported since than a bundle carries proofs for."""
    released.ok("olga", "verify", "model", "--for", "fraud:production")
    released.push("next", weights="other")
    (released.registry / "state" / "exported-sizes").unlink()
    released.ok("ruth", "registry", "refresh")
    behind = released("olga", "verify", "model", "--for", "fraud:production")
    assert behind.code == 2
    said = "help: get a bundle with: modelward registry export MODEL:STAGE --since 10 --out FILE\n"
    assert said in behind.err
    released.ok("ruth", "registry", "export", "fraud:production", "--since", "10", "--out", "r.json")
    released.ok("olga", "verify", "model", "--for", "fraud:production", "--bundle", "r.json")


# -- damage ------------------------------------------------------------------------------------------


def edit(company: Company, statement: str) -> None:
    with closing(sqlite3.connect(company.registry / "registry.db")) as database:
        database.execute(statement)
        database.commit()


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def flipped_pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:] = bytes(byte ^ 0x5A for byte in data[8192:])
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize("damage", [garbage, flipped_pages, cut])
def test_a_damaged_database_is_named_and_comes_back_from_the_log(
    released: Company, damage: Callable[[Path], None]
) -> None:
    database = released.registry / "registry.db"
    damage(database)
    for who, command in (
        ("ruth", ("registry", "show")),
        ("ruth", ("registry", "replay")),
        ("alice", ("promote", "fraud@1", "--to", "production")),
    ):
        done = released(who, *command)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("error: registry/registry.db: the database cannot be used: ")
        assert done.err.endswith("help: move it away: the log rebuilds it\n")
    database.rename(released.place / "away")
    released.sound()
    released.ok("alice", "promote", "fraud@1", "--to", "production")


@pytest.mark.parametrize(
    "statement",
    ["DROP TABLE versions", "UPDATE projected SET size = 3", "UPDATE projected SET size = 999"],
)
def test_tables_that_do_not_fit_say_what_to_do(released: Company, statement: str) -> None:
    edit(released, statement)
    done = released("ruth", "registry", "show")
    assert done.code in (1, 2)
    assert done.err.startswith("error: registry/registry.db: the ")
    assert "away: the log rebuilds it\n" in done.err
    (released.registry / "registry.db").rename(released.place / "away")
    released.sound()


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("registry.toml", "error: registry/registry.toml: not valid registry settings: "),
        ("log/checkpoint", "error: registry/log"),
        ("trust/3.jsonl", "error: registry/trust/3.jsonl, line 1: "),
        ("state/checkpoint", "error: registry/state/checkpoint: the kept checkpoint is damaged: "),
    ],
)
def test_a_damaged_file_is_named(released: Company, part: str, said: str) -> None:
    path = released.registry / part
    path.write_bytes(b"\x00garbage")
    done = released("ruth", "registry", "show")
    assert done.code in (1, 2)
    assert done.err.startswith(said), done.err


def test_a_damaged_statement_is_named_where_it_matters(released: Company) -> None:
    for path in (released.registry / "statements").rglob("*.json"):
        path.write_bytes(b"{")
    released.ok("ruth", "registry", "show")  # the tables know enough for this
    done = released("alice", "promote", "fraud@1", "--to", "production")
    assert done.code == 1
    assert "registry/statements/" in done.err
    assert "the statement cannot be read: " in done.err


def test_a_registry_that_was_exchanged_for_another_of_its_name_is_refused(released: Company) -> None:
    shutil.rmtree(released.registry)
    released.ok("mallory", "init", "registry", "--name", "acme", "--as", "mallory", "--no-passphrase")
    for who, command in (
        ("olga", ("registry", "show")),
        ("alice", ("push", "model", "--model", "fraud")),
        ("ruth", ("registry", "replay")),
    ):
        done = released(who, *command)
        assert (done.code, done.out) == (1, "")
        assert released.masked(done.err) == (
            "error: this is another registry: its identity is sha256:#, pinned is sha256:#\n"
            "help: ask the registry's administrators for its identity over a channel you trust\n"
        )


def test_a_log_that_is_behind_the_users_memory_is_told(released: Company) -> None:
    """Everything in the registry directory was put back, so only the user remembers."""
    backup = released.place / "backup"
    shutil.copytree(released.registry, backup)
    released.push("next", weights="other")
    shutil.rmtree(released.registry)
    backup.rename(released.registry)
    shown = released.ok("alice", "registry", "show")
    assert shown.out.startswith("registry acme, 10 log entries, NOT CONSISTENT with an earlier checkpoint\n")


def test_a_registry_that_may_not_be_written_says_so(released: Company) -> None:
    for path in [released.registry, *released.registry.rglob("*")]:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        for who, *command in (
            ("ruth", "registry", "show"),
            ("alice", "push", "model", "--model", "spam"),
            ("alice", "promote", "fraud@1", "--to", "production"),
            ("ruth", "registry", "refresh"),
            ("ruth", "init", "registry/inner", "--no-passphrase"),
        ):
            done = powerless(released, who, *command)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith("error: registry/"), done.stderr
            assert "Traceback" not in done.stderr
        verified = powerless(released, "olga", "verify", "model", "--for", "fraud:production")
        assert verified.returncode == 0, verified.stderr
    finally:
        for path in [released.registry, *released.registry.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)
    released.sound()


def powerless(company: Company, who: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process that file modes bind, even when the user is root."""
    return subprocess.run(
        [sys.executable, "-c", _POWERLESS, *command],
        cwd=company.place,
        env=dict(company.environment(who)),
        capture_output=True,
        text=True,
        check=False,
    )


_POWERLESS = """
import ctypes, os, struct, sys
if os.geteuid() == 0:
    libc = ctypes.CDLL(None, use_errno=True)
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    if libc.capset(header, struct.pack("6I", *[0] * 6)):
        raise OSError(ctypes.get_errno(), "capset")
from modelward.cli import main
main(sys.argv[1:])
"""


def test_an_expired_trust_policy_stops_everything_but_its_renewal(released: Company) -> None:
    released.ok("ruth", "key", "renew", "--valid", "2s")
    time.sleep(2.1)
    for who, *command in (
        ("ruth", "registry", "show"),
        ("alice", "promote", "fraud@1", "--to", "production"),
        ("bob", "approve", "fraud@1", "--to", "production"),
        ("olga", "verify", "model", "--for", "fraud:production"),
    ):
        done = released(who, *command)
        assert (done.code, done.out) == (2, "")
        assert "expired" in done.err
        assert "help: " in done.err
    released.ok("ruth", "key", "renew", "--valid", "365d")
    released.ok("olga", "verify", "model", "--for", "fraud:production")
    released.sound()
