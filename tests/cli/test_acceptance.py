"""What a stage points to, as verifiers would take it."""

from __future__ import annotations

import json

from tests.cli.company import Company


def test_an_accepted_release_is_shown_plainly(released: Company) -> None:
    shown = released.ok("ruth", "registry", "show").out
    assert "-> production (release 1)\n" in shown
    assert "refuse" not in shown


def test_a_revoked_release_is_marked_where_stages_are_shown(released: Company) -> None:
    versions = json.loads(released.ok("ruth", "registry", "show", "--json").out)["versions"]
    released.ok("ruth", "revoke", "artifact", versions[0]["artifact"], "--reason", "it has a backdoor")
    shown = released.ok("ruth", "registry", "show").out
    assert "-> production (release 1, NOT accepted)\n" in shown
    assert "verifiers refuse fraud:production: step 9 (revocation): the artifact dirHash:" in shown
    (stage,) = json.loads(released.ok("ruth", "registry", "show", "--json").out)["stages"]
    assert stage["refused"].startswith("step 9 (revocation)")


def test_a_lost_bundle_is_marked_too(released: Company) -> None:
    released.bundle().unlink()
    assert "there is no release bundle" in released.ok("ruth", "registry", "show").out
    released.ok("ruth", "registry", "refresh")
    assert "NOT accepted" not in released.ok("ruth", "registry", "show").out
