"""in-toto statements."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.attest.predicates import Evaluation, Provenance, Scan
from modelward.attest.predicates.base import Named
from modelward.attest.statement import MAX_STATEMENT_BYTES, STATEMENT_TYPE, Statement
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded

SUBJECT = Digest("dirHash", "a" * 64)
EVALUATION = Evaluation(
    harness=Named(name="h", digest=f"sha256:{'1' * 64}"),
    data=Named(name="d", digest=f"sha256:{'2' * 64}"),
    report=f"sha256:{'3' * 64}",
    metrics={"f1": 0.5},
    evaluated_at="2026-11-22T09:14:00Z",
)


def as_dict(**changes):
    value = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "m", "digest": {"dirHash": "a" * 64}}],
        "predicateType": "https://example.com/claim/v1",
        "predicate": {},
    }
    return {key: item for key, item in (value | changes).items() if item is not ...}


def parse(value):
    return Statement.from_bytes(json.dumps(value).encode())


def test_typed_statement_is_read_back():
    made = Statement.of("m", SUBJECT, EVALUATION)
    read = Statement.from_bytes(made.to_bytes())
    assert read == made
    assert read.typed(Evaluation) == EVALUATION


def test_equal_statements_have_equal_bytes():
    one = as_dict(predicate={"b": 1, "a": {"y": [], "x": "é"}})
    other = dict(reversed(one.items())) | {"predicate": {"a": {"x": "\u00e9", "y": []}, "b": 1}}
    assert parse(one).to_bytes() == parse(other).to_bytes()


def test_unknown_predicate_type_is_carried_and_not_understood():
    statement = parse(as_dict(predicate={"anything": [1, None]}))
    assert statement.predicate == {"anything": [1, None]}
    with pytest.raises(InputError, match="expected a statement of type"):
        statement.typed(Scan)


def test_statement_is_not_taken_for_another_type():
    with pytest.raises(InputError, match="expected a statement of type"):
        Statement.of("m", SUBJECT, EVALUATION).typed(Scan)


def test_known_predicate_that_does_not_fit_is_refused_at_once():
    value = json.loads(Statement.of("m", SUBJECT, EVALUATION).to_bytes())
    value["predicate"]["metrics"]["f1"] = "0.5"
    with pytest.raises(InputError, match="evaluation/v1: Expected `float`"):
        parse(value)


def test_unknown_field_of_ours_is_refused_and_of_a_standard_ignored():
    value = json.loads(Statement.of("m", SUBJECT, EVALUATION).to_bytes())
    value["predicate"]["override"] = True
    with pytest.raises(InputError, match="override"):
        parse(value)
    provenance = {
        "buildDefinition": {"buildType": "t", "externalParameters": {}, "new": 1},
        "runDetails": {"builder": {"id": "b"}},
    }
    statement = parse(as_dict(predicateType=Provenance.TYPE, predicate=provenance))
    assert statement.typed(Provenance).run_details.builder.id == "b"


@pytest.mark.parametrize(
    "changes",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"_type": ...},
        {"extra": 1},
        {"subject": []},
        {"subject": [{"name": "m", "digest": {"sha256": "a" * 64}}] * 2},
        {"subject": {"name": "m", "digest": {"sha256": "a" * 64}}},
        {"subject": [{"digest": {"sha256": "a" * 64}}]},
        {"subject": [{"name": "m", "digest": {}}]},
        {"subject": [{"name": "m", "digest": {"sha256": "a" * 64, "dirHash": "a" * 64}}]},
        {"subject": [{"name": "m", "digest": {"sha256": "A" * 64}}]},
        {"subject": [{"name": "m", "digest": {"sha256": "a" * 63}}]},
        {"subject": [{"name": "m", "digest": {"md5": "a" * 32}}]},
        {"subject": [{"name": "m", "digest": {"sha256": 7}}]},
        {"subject": [{"name": 7, "digest": {"sha256": "a" * 64}}]},
        {"subject": [{"name": "m", "uri": "x", "digest": {"sha256": "a" * 64}}]},
        {"predicateType": 7},
        {"predicate": []},
        {"predicate": None},
    ],
)
def test_malformed_statement_is_refused(changes):
    with pytest.raises(InputError):
        parse(as_dict(**changes))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'{"_type": "a", "_type": "b"}',
        json.dumps(as_dict(predicate={"x": float("nan")})).encode(),
        b"\xef\xbb\xbf" + json.dumps(as_dict()).encode(),
        json.dumps(as_dict()).encode() + b"{}",
    ],
)
def test_json_that_two_parsers_may_read_differently_is_refused(text):
    with pytest.raises(InputError):
        Statement.from_bytes(text)


def test_oversized_statement_is_refused():
    with pytest.raises(LimitExceeded):
        Statement.from_bytes(b" " * (MAX_STATEMENT_BYTES + 1))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(values, st.sampled_from(["_type", "subject", "predicateType", "predicate"]))
def test_any_value_in_any_field_raises_nothing_but_our_errors(value, field):
    for candidate in (value, as_dict(**{field: value})):
        with contextlib.suppress(InputError):
            assert Statement.from_bytes(parse(candidate).to_bytes()) == parse(candidate)
