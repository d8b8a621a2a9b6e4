"""What is signed says what was found."""

from __future__ import annotations

from pathlib import Path

import msgspec
from tests.pipeline.derivation.llamas import against, llama

from modelward.attest import predicates as p
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.pipeline.derivation.statement import predicate


def test_the_statement_holds_the_figures(tmp_path: Path) -> None:
    found = against(tmp_path, llama(2), llama(1))
    made = predicate(found, "base\ud800", Digest.sha256(b"base"), (str(Digest.sha256(b"former")),))
    read = Statement.of("model", Digest.sha256(b"model"), made).typed(p.Derivation)
    assert (read.verdict, read.unrelated, read.seed) == ("inconsistent", 1.0, "test")
    assert read.base.name == "base\\ud800"
    assert {part.name: part.states for part in read.parts}["mlp"] == {"unrelated": 9}
    assert msgspec.json.encode(read)
