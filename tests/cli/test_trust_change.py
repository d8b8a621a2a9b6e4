"""Versions of the trust policy that several people sign, each in their own home."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

from modelward.attest.keys.file import generate, write_key
from modelward.attest.predicates.trust import TrustPolicy
from modelward.attest.trust_files import load_versions, read_bundles, write_bundles
from modelward.cli.trust_change import find_keys, one_key
from modelward.core.errors import UsageError

PROPOSAL = "trust-4.proposal.jsonl"


@pytest.fixture
def key(command, tmp_path, monkeypatch):
    """A registry whose root is alice and rita, both of whom must sign."""
    monkeypatch.chdir(tmp_path)
    assert command("init", "acme", "--as", "alice", "--no-passphrase").code == 0
    run = partial(command, "key")
    for name in ("rita", "omar", "bob"):
        write_key(tmp_path / f"{name}.pem", generate(), None)
    for name in ("rita", "omar"):
        assert run("trust", name, "--key", f"{name}.pub", "--role", "root", "--valid", "3650d").code == 0
    return run


@pytest.fixture
def both(key):
    """As `key`, with a root threshold of two people, in version 4."""
    done = key("renew", "--root-threshold", "2", "--root-key", "rita.pem")
    assert done.out == f"proposal {PROPOSAL}\n", done.err
    done = key("trust", "--cosign", PROPOSAL, "--yes")
    assert done.code == 0, done.err
    assert version() == 4
    return key


def version() -> int:
    return load_versions(Path("acme"))[-1][0].statement.typed(TrustPolicy).version


def propose(key, name: str = "new.jsonl", role: str = "approver") -> str:
    done = key("trust", "bob", "--key", "bob.pub", "--role", role, "--out", name)
    assert (done.code, done.out) == (0, f"proposal {name}\n")
    assert "signed by 1 of the 2" in done.err
    return name


def test_proposal_is_in_force_once_the_last_one_signs(both):
    proposal = propose(both)
    assert version() == 4
    done = both("trust", "--cosign", proposal, "--root-key", "omar.pem", "--yes")
    assert done.code == 0
    assert done.out.startswith("trust policy version 5 is in force")
    assert "trust key" in done.err
    assert "of bob as approver" in done.err
    assert version() == 5


def test_nobody_signs_without_confirming(both):
    proposal = propose(both)
    done = both("trust", "--cosign", proposal, "--root-key", "omar.pem")
    assert (done.code, done.out) == (2, "")
    assert "nobody confirmed" in done.err
    assert len(read_bundles(Path(proposal))) == 1


def test_same_key_cannot_cosign_its_own_proposal(both):
    proposal = propose(both)
    done = both("trust", "--cosign", proposal, "--yes")
    assert done.code == 2
    assert "has signed the proposal already" in done.err
    assert version() == 4


def test_cosigner_who_is_no_root_is_refused(both):
    proposal = propose(both)
    done = both("trust", "--cosign", proposal, "--root-key", "bob.pem", "--yes")
    assert done.code == 1
    assert version() == 4


def test_proposal_that_was_altered_is_refused(both):
    proposal = Path(propose(both))
    (good,) = read_bundles(proposal)
    other = read_bundles(Path(propose(both, "other.jsonl", "scanner")))[0]
    write_bundles(proposal, [good, other])
    done = both("trust", "--cosign", proposal, "--root-key", "omar.pem", "--yes")
    assert done.code == 1
    assert "different statements" in done.err


def test_proposal_overtaken_by_another_version_is_refused(both):
    first, second = propose(both), propose(both, "second.jsonl")
    assert both("trust", "--cosign", first, "--root-key", "omar.pem", "--yes").code == 0
    done = both("trust", "--cosign", second, "--root-key", "omar.pem", "--yes")
    assert done.code == 1
    assert version() == 5


def test_proposal_is_not_overwritten(both):
    proposal = propose(both)
    before = Path(proposal).read_bytes()
    done = both("renew", "--out", proposal)
    assert done.code == 2
    assert Path(proposal).read_bytes() == before


def test_complete_proposal_is_published_by_whoever_holds_the_registry(both, tmp_path):
    """The last signer had another copy of the registry: no root key is needed to publish here."""
    proposal = Path(propose(both))
    copy = tmp_path / "copy"
    shutil.copytree("acme", copy)
    done = both("trust", "--cosign", proposal, "--root-key", "omar.pem", "--yes", "--registry", copy)
    assert done.code == 0
    assert version() == 4
    (first,) = read_bundles(proposal)
    last = load_versions(copy)[-1]
    write_bundles(proposal, last)
    assert first in last
    Path("rita.pem").unlink()
    assert both("trust", "--cosign", proposal).code == 0
    assert version() == 5


def test_two_root_keys_at_hand_need_no_proposal(both):
    done = both("renew", "--root-key", "rita.pem", "--root-key", "omar.pem")
    assert done.code == 0
    assert version() == 5


def test_new_root_may_sign_its_own_admission(key):
    """Three roots and a threshold raised to three: the newcomer's signature is needed too."""
    done = key("renew", "--root-threshold", "3", "--root-key", "rita.pem", "--root-key", "omar.pem")
    assert done.out == f"proposal {PROPOSAL}\n"
    assert key("trust", "--cosign", PROPOSAL, "--yes").code == 0
    assert version() == 4


def test_keys_are_found_by_id_and_name(key):
    policy = load_versions(Path("acme"))[-1][0].statement.typed(TrustPolicy)
    rita = find_keys(policy, "rita")
    assert find_keys(policy, rita[0].id[:8]) == rita == find_keys(policy, rita[0].id)
    assert {k.principal for k in find_keys(policy, "registry")} == {"registry"}
    for text in ("mallory", ""):
        with pytest.raises(UsageError, match="has no key"):
            find_keys(policy, text)
    with pytest.raises(UsageError, match="too short for a key id"):
        find_keys(policy, rita[0].id[:7])
    with pytest.raises(UsageError, match="several keys"):
        one_key(policy, "registry")
