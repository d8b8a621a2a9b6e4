"""`modelward scan --sign`: what a scanner's signature stands for."""

from __future__ import annotations

from tests.cli.company import Company

from modelward.attest.predicates import Scan
from modelward.cli.scan_statement import MAX_LISTED, predicate
from modelward.core import finding
from modelward.core.digest import Digest
from modelward.core.finding import Coverage, Finding, Severity
from modelward.scan.engine import Report

MALICIOUS = b"cos\nsystem\n(S'id'\ntR."  # only ever read as bytes


def standing(company: Company) -> list[Scan]:
    from modelward.registry.local import Registry

    with Registry(company.registry, Digest.parse(company.pin())) as registry:
        artifact = registry.version("fraud").artifact
        return [found.predicate for found in registry.evidence([artifact]).about(artifact, Scan)]


def test_the_signed_verdict_is_about_the_registered_artifact(company: Company) -> None:
    company.push("plain", config="{}")
    done = company("sam", "scan", "plain", "--sign")
    (scan,) = standing(company)
    assert scan.files == 1
    assert f"signed {scan.verdict} as sha256:" in done.err


def test_a_malicious_model_is_signed_as_such_and_keeps_its_exit_code(company: Company) -> None:
    path = company.model("bad")
    (path / "pytorch_model.bin").write_bytes(MALICIOUS)
    company.ok("alice", "push", "bad", "--model", "fraud")
    done = company("sam", "scan", "bad", "--sign")
    assert done.code == 1
    (scan,) = standing(company)
    assert scan.verdict == "malicious"
    assert any(finding.rule == "pickle-unsafe-call" for finding in scan.findings)


def test_somebody_who_is_no_scanner_cannot_sign(company: Company) -> None:
    company.push("plain", config="{}")
    done = company("bob", "scan", "plain", "--sign")
    assert done.code == 1
    assert "may not sign" in done.err
    assert standing(company) == []


def test_a_report_that_is_too_long_is_cut_but_its_verdict_and_counts_are_whole() -> None:
    findings = [Finding("r", Severity.NOTE, "m" * 20_000, f"f{n}") for n in range(MAX_LISTED + 1)]
    findings.append(Finding("r", Severity.ERROR, "the worst comes last", "f"))
    coverage = [Coverage(f"f{n}", "x", examined=False, reason="y" * 20_000) for n in range(MAX_LISTED + 1)]
    everything = finding.Report(findings, coverage)
    result = Report(findings, coverage, everything=everything, files=MAX_LISTED + 1, examined=0)
    from modelward.attest.statement import Statement

    statement = Statement.of("x", Digest.sha256(b""), predicate(result))
    scan = Statement.from_bytes(statement.to_bytes()).typed(Scan)
    assert (scan.verdict, scan.files, len(scan.findings), len(scan.not_examined)) == (
        "malicious",
        MAX_LISTED + 1,
        MAX_LISTED,
        MAX_LISTED,
    )
