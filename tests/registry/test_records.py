"""Looking things up in a registry."""

from __future__ import annotations

from tests.registry.test_local import DATA, scan
from tests.registry.town import Town

from modelward.attest.bundle import sign_statement
from modelward.attest.statement import Statement


def test_statements_are_found_by_the_name_of_their_subject(town: Town) -> None:
    town.say("sam", DATA, scan())
    long = "n" * 300
    bundle = sign_statement(Statement.of(long, DATA, scan()), town.signers["sam"])
    with town.registry() as registry:
        registry.publish([bundle])
        assert [found.statement.subject for found in registry.statements_named("subject")] == [DATA]
        assert [found.id for found in registry.statements_named(long)] == [bundle.statement_id]
        assert registry.statements_named(long[:-1]) == []
