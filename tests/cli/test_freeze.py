"""`modelward registry freeze`: an incident stops every promotion until an administrator says so."""

from __future__ import annotations

import pytest
from tests.cli.company import Company

PROMOTE = ("promote", "fraud@1", "--to", "production")


@pytest.mark.parametrize("scope", [(), ("fraud",)])
def test_a_frozen_model_is_not_promoted_until_it_is_unfrozen(
    company: Company, scope: tuple[str, ...]
) -> None:
    company.push()
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    company.ok("ruth", "registry", "freeze", *scope, "--reason", "an incident")
    for extra in ((), ("--dry-run",)):
        done = company("alice", *PROMOTE, *extra)
        assert done.code == 1
        assert (
            "error: promotions of fraud are frozen: an incident\nhelp: an administrator ends it" in done.err
        )
    company.ok("ruth", "registry", "unfreeze", *scope, "--reason", "it is over")
    company.ok("alice", *PROMOTE)
    company.sound()


def test_another_model_is_not_stopped(company: Company) -> None:
    company.push()
    company.model("other", weights="o")
    company.ok("alice", "push", "other", "--model", "other")
    company.ok("ruth", "registry", "freeze", "other", "--reason", "an incident")
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    company.ok("alice", *PROMOTE)


def test_a_freeze_of_all_is_not_ended_for_one(company: Company) -> None:
    company.push()
    company.ok("bob", "approve", "fraud@1", "--to", "production")
    company.ok("ruth", "registry", "freeze", "--reason", "an incident")
    company.ok("ruth", "registry", "unfreeze", "fraud", "--reason", "only this one")
    assert company("alice", *PROMOTE).code == 1


def test_only_administrators_freeze(company: Company) -> None:
    company.push()
    done = company("alice", "registry", "freeze", "--reason", "because")
    assert done.code == 1
    assert "may not freeze" in done.err


def test_what_is_released_stays_released(released: Company) -> None:
    released.ok("ruth", "registry", "freeze", "--reason", "an incident")
    released.ok("olga", "verify", "model", "--for", "fraud:production")
