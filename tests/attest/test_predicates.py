"""Predicate types: each is named, documented, closed, and fits the schema made from it."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any, get_args, get_type_hints

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelward.attest.predicates import PREDICATES, ForeignPredicate, Predicate, base
from modelward.attest.predicates.acts import Approval, Release, release_digest
from modelward.attest.predicates.base import NAMESPACE, ForeignRecord, Record
from modelward.attest.predicates.oms import OmsResource, OmsSerialization
from modelward.attest.statement import Statement
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError

OURS = {uri: kind for uri, kind in PREDICATES.items() if issubclass(kind, Predicate)}

#: Parts of a foreign predicate that are closed: an unknown way of hashing must not be ignored.
CLOSED_FOREIGN = {OmsResource, OmsSerialization}


def parts(kind: Any) -> set[Any]:
    """A struct and all structs in it."""
    found = {kind}
    for hint in get_type_hints(kind, include_extras=False).values():
        for inner in (hint, *get_args(hint)):
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and inner not in found:
                found |= parts(inner)
    return found


def example(kind: Any) -> dict[str, Any]:
    """The smallest predicate of a type, from its schema."""
    schema = msgspec.json.schema(kind)
    return build(schema, schema)


def build(schema: Any, root: Any) -> Any:
    if "$ref" in schema:
        return build(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return build(schema["anyOf"][0], root)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {name: build(schema["properties"][name], root) for name in schema.get("required", ())}
    if kind == "array":
        return [build(schema["items"], root)] * schema.get("minItems", 0)
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    if kind == "boolean":
        return False
    return TEXTS.get(schema.get("pattern"), "x" * schema.get("minLength", 0))


def pattern_of(alias: Any) -> str:
    return str(msgspec.json.schema(alias)["pattern"])


TEXTS = {
    pattern_of(base.DigestText): f"sha256:{'a' * 64}",
    pattern_of(base.NameText): "name",
    pattern_of(base.KeyId): "a" * 64,
    pattern_of(base.Nonce): "a" * 32,
    pattern_of(base.TimeText): "2026-11-22T09:14:00Z",
}


@pytest.mark.parametrize("kind", PREDICATES.values(), ids=lambda kind: kind.__name__)
def test_type_is_documented_with_its_subject(kind):
    assert "Subject:" in inspect.getdoc(kind)


@pytest.mark.parametrize("kind", OURS.values(), ids=lambda kind: kind.__name__)
def test_type_of_ours_has_a_versioned_uri(kind):
    assert re.fullmatch(re.escape(NAMESPACE) + r"/[a-z]+(-[a-z]+)*/v1", kind.TYPE)


@pytest.mark.parametrize("kind", PREDICATES.values(), ids=lambda kind: kind.__name__)
def test_parts_are_closed_in_ours_and_open_in_standards(kind):
    for part in parts(kind):
        closed = part.__struct_config__.forbid_unknown_fields
        if issubclass(part, Record) or part in CLOSED_FOREIGN:
            assert closed, part
        else:
            assert issubclass(part, ForeignRecord)
            assert not closed, part


def test_table_holds_every_predicate_class_under_its_own_type():
    def leaves(base):
        below = base.__subclasses__()
        return {leaf for kind in below for leaf in leaves(kind)} if below else {base}

    assert set(PREDICATES.values()) == leaves(Predicate) | leaves(ForeignPredicate)
    assert all(uri == kind.TYPE for uri, kind in PREDICATES.items())


@pytest.mark.parametrize("kind", PREDICATES.values(), ids=lambda kind: kind.__name__)
def test_example_fits_struct_schema_and_statement(kind):
    predicate = example(kind)
    jsonschema.Draft202012Validator(msgspec.json.schema(kind)).validate(predicate)
    statement = Statement("m", Digest("sha256", "a" * 64), kind.TYPE, predicate)
    read = Statement.from_bytes(statement.to_bytes())
    again = Statement.of("m", read.subject, read.typed(kind))
    assert again.typed(kind) == read.typed(kind)


@pytest.mark.parametrize("kind", OURS.values(), ids=lambda kind: kind.__name__)
def test_missing_field_is_refused(kind):
    predicate = example(kind)
    for name in predicate:
        rest = {key: value for key, value in predicate.items() if key != name}
        with pytest.raises(InputError, match=name):
            Statement("m", Digest("sha256", "a" * 64), kind.TYPE, rest).typed(kind)


@pytest.mark.parametrize("kind", OURS.values(), ids=lambda kind: kind.__name__)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_changed_field_fits_the_struct_only_if_it_fits_the_schema(kind, data):
    predicate = example(kind)
    name = data.draw(st.sampled_from(sorted(predicate)))
    predicate[name] = data.draw(st.none() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({}))
    fits = jsonschema.Draft202012Validator(msgspec.json.schema(kind)).is_valid(predicate)
    try:
        Statement("m", Digest("sha256", "a" * 64), kind.TYPE, predicate).typed(kind)
    except InputError:
        assert not fits, json.dumps(predicate)
    else:
        assert fits, json.dumps(predicate)


@pytest.mark.parametrize("alias", [base.DigestText, base.NameText, base.KeyId, base.Nonce, base.TimeText])
def test_text_with_a_second_spelling_is_refused(alias):
    """A pattern's `$` matches before a newline too, and two spellings would be two names for one thing."""
    good = TEXTS[pattern_of(alias)]
    assert msgspec.convert(good, alias) == good
    for bad in (
        f"{good}\n",
        f" {good}",
        f"\n{good}",
        "",
        good.upper() + "\u0130",
        good.replace("0", "\u0660") + "٠",
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(bad, alias)


def test_release_digest_binds_every_field():
    release = msgspec.convert(example(Approval)["release"], Release)
    digest = release_digest(release)
    assert digest == Digest.sha256(strict_json.dumps(msgspec.to_builtins(release)))
    changes = {"model": "other", "version": 9, "stage": "other", "artifact": f"sha256:{'b' * 64}"}
    changes |= dict.fromkeys(("registry", "policy", "bom"), f"sha256:{'b' * 64}")
    assert set(changes) == set(Release.__struct_fields__)
    for name, value in changes.items():
        assert release_digest(msgspec.structs.replace(release, **{name: value})) != digest
