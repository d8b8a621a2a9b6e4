"""Which registry and which pin a command uses, and signing a statement into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.company import Company

from modelward.attest.predicates import Scan
from modelward.attest.predicates.scan import Scanner
from modelward.attest.statement import Statement
from modelward.cli.home import Home
from modelward.cli.publish import open_registry, pin_of, publish, registry_directory
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError

DATA = Digest.sha256(b"data")


@pytest.fixture
def as_sam(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("MODELWARD_HOME", str(company.home("sam")))
    return company


def scan() -> Statement:
    found = Scan(
        scanner=Scanner(name="s", version="1", ruleset=str(DATA)),
        verdict="clean",
        files=1,
        examined=1,
        scanned_at="2026-11-22T00:00:00Z",
    )
    return Statement.of("data", DATA, found)


def test_the_option_wins_over_the_settings(as_sam: Company) -> None:
    assert registry_directory(None) == Path("registry")
    assert registry_directory(Path("other")) == Path("other")


def test_without_any_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no registry is named"):
        registry_directory(None)


def test_a_pin_never_comes_from_the_registry(company: Company) -> None:
    with pytest.raises(InputError, match="you have not pinned the registry 'acme'") as caught:
        pin_of(Home(company.home("stranger")), company.registry)
    assert "modelward key root --pin sha256:… --name acme" in str(caught.value.help)


def test_a_pin_that_is_given_is_used(company: Company) -> None:
    given = f"sha256:{'1' * 64}"
    assert pin_of(Home(company.home("stranger")), company.registry, given) == Digest.parse(given)


def test_a_statement_is_signed_and_logged(as_sam: Company) -> None:
    published = publish(scan())
    assert published.index == 6
    with open_registry() as registry:
        found = registry.statements_about(DATA)
    assert [(one.id, one.principal.name) for one in found] == [(published.id, "sam")]


def test_a_statement_of_another_role_is_refused(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELWARD_HOME", str(company.home("bob")))
    with pytest.raises(Rejected, match="may not sign"):
        publish(scan())


def test_the_user_remembers_the_log(as_sam: Company) -> None:
    publish(scan())
    (kept,) = (as_sam.home("sam") / "state").glob("*.checkpoint")
    assert kept.read_text().splitlines()[1] == "7"
