from __future__ import annotations

from modelward.attest.predicates import Custody, Snapshot
from modelward.attest.statement import STATEMENT_TYPE as STATEMENT
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.data import ledger
from modelward.data.ledger import Fact, Unsigned


def test_the_form_of_statements_is_that_of_attest() -> None:
    assert (ledger.STATEMENT_TYPE, ledger.SNAPSHOT_TYPE, ledger.CUSTODY_TYPE) == (
        STATEMENT,
        Snapshot.TYPE,
        Custody.TYPE,
    )
    fact = Fact("x", Digest.sha256(b""), "https://example.org/t", {"b": 1, "a": [2]})
    (line,) = Unsigned().record([fact])
    assert line == Statement("x", fact.subject, fact.type, fact.predicate).to_bytes()
