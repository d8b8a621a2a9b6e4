"""What may be superseded, and by whom."""

from __future__ import annotations

from collections.abc import Sequence

from tests.attest.simulator import NOW, Registry, actor

from modelward.attest import predicates as p
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.predicates.scan import Scanner
from modelward.attest.standing import REPLACEABLE, superseded
from modelward.attest.statement import Statement
from modelward.attest.verify import verify
from modelward.core import instant
from modelward.core.digest import Digest

MODEL = Digest("dirHash", "a1" * 32)
OTHER = Digest("dirHash", "a2" * 32)


def world() -> Registry:
    return Registry(extra=[actor("sue", "scanner"), actor("alice-scan", "scanner", person="Alice")])


def scan(town: Registry, who: str, *former: Bundle, subject: Digest = MODEL) -> Bundle:
    predicate = p.Scan(
        scanner=Scanner(name="modelward", version="0", ruleset=str(MODEL)),
        verdict="malicious" if not former else "clean",
        files=1,
        examined=1,
        scanned_at=instant.render(NOW),
        supersedes=tuple(str(bundle.statement_id) for bundle in former),
    )
    return sign_statement(Statement.of("model", subject, predicate), town.actors[who].signer)


def replaced(town: Registry, bundles: Sequence[Bundle]) -> list[int]:
    """The places of what is superseded; the same in whatever order it comes."""
    trust = town.trust(NOW)
    said = [verify(bundle, trust, now=NOW) for bundle in bundles]
    found = superseded(said)
    assert found == superseded(said[::-1])
    return [place for place, one in enumerate(said) if one.id in found]


def test_only_findings_are_replaceable() -> None:
    said = (
        *(p.ContributorState, p.Custody, p.DataCheck, p.Derivation, p.Evaluation),
        *(p.Probe, p.Profile, p.Review, p.Scan, p.Snapshot),
    )
    assert {kind.TYPE for kind in said} == REPLACEABLE


def test_another_scanner_replaces_a_finding_by_name() -> None:
    town = world()
    bad = scan(town, "ci-scan")
    assert replaced(town, [bad, scan(town, "sue", bad)]) == [0]


def test_what_was_superseded_by_a_superseded_statement_does_not_come_back() -> None:
    town = world()
    first = scan(town, "ci-scan")
    second = scan(town, "sue", first)
    assert replaced(town, [first, second, scan(town, "ci-scan", second)]) == [0, 1]


def test_a_scan_of_another_artifact_supersedes_nothing() -> None:
    town = world()
    bad = scan(town, "ci-scan")
    assert replaced(town, [bad, scan(town, "sue", bad, subject=OTHER)]) == []


def test_the_author_takes_away_only_findings_of_their_own() -> None:
    town = world()
    registered = sign_statement(Statement.of("model", MODEL, town.version()), town.actors["alice"].signer)
    foreign, own = scan(town, "ci-scan"), scan(town, "alice-scan")
    assert replaced(town, [registered, foreign, scan(town, "alice-scan", foreign)]) == []
    assert replaced(town, [registered, own, scan(town, "alice-scan", own)]) == [1]
