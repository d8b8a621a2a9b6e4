"""Looking things up in a registry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.registry.test_local import DATA, scan
from tests.registry.town import Town

from modelward.attest.bundle import sign_statement
from modelward.attest.statement import Statement
from modelward.core.errors import Rejected


def test_statements_are_found_by_the_name_of_their_subject(town: Town) -> None:
    town.say("sam", DATA, scan())
    long = "n" * 300
    bundle = sign_statement(Statement.of(long, DATA, scan()), town.signers["sam"])
    with town.registry() as registry:
        registry.publish([bundle])
        assert [found.statement.subject for found in registry.statements_named("subject")] == [DATA]
        assert [found.id for found in registry.statements_named(long)] == [bundle.statement_id]
        assert registry.statements_named(long[:-1]) == []


def test_a_bad_scan_whose_signature_was_spoiled_is_not_left_out(town: Town) -> None:
    """Who can write files must not be able to turn a finding into one that does not count."""
    bundle = town.say("sam", DATA, scan())
    with town.registry() as registry:
        path = registry.layout.bundle(bundle.statement_id, bundle.key_id)
        other = sign_statement(Statement.of("other", DATA, scan()), town.signers["sam"])
        spoiled = replace(bundle, envelope=replace(bundle.envelope, signatures=(other.signature,)))
        path.write_bytes(spoiled.to_bytes())
        with pytest.raises(Rejected, match=r"entry \d+ was changed after it was logged"):
            registry.evidence([DATA])
