"""Write the generated pages of docs/ from the code: `python scripts/write_docs.py` (or `make docs`).

`pages()` gives every page by its path; a test fails when one in the repository differs.
"""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from modelward.attest.predicates import PREDICATES, Predicate, base
from modelward.attest.roles import ROLES
from modelward.cli import reference
from modelward.core import atomic
from modelward.data.checks import document
from modelward.gate.checks import CHECKS
from modelward.render import checks_manual, rules
from modelward.render import json as scan_report
from modelward.scan.rules import RULES

ROOT = Path(__file__).resolve().parents[1]

CHECKS_HEAD = """\
# Gate checks

<!-- Written by `make docs` from src/modelward/gate/checks; edit the code, not this page. -->

A stage of the gate policy names the checks it asks for, `[stage.NAME.check.ID]`, with their options. They are
judged in this order.
"""

STATEMENTS_HEAD = """\
# Statements

<!-- Written by `make docs` from src/modelward/attest/predicates; edit the code, not this page. -->

Every fact is an in-toto Statement v1 about one subject, in a DSSE envelope, in a Sigstore bundle. These are
the predicate types that modelward understands, and the roles whose keys may sign them.
"""

STATEMENTS_WORDS = """\
In the tables below a *digest* is `sha256:HEX` or `dirHash:HEX`, a *time* is UTC with whole seconds and `Z`, a
*name* is up to 128 letters, digits, dots, dashes and underscores, a *SHA-256* is 64 hex characters (a
key's id is that of its SubjectPublicKeyInfo), and a *nonce* is 128 random bits in hex. An unknown field is an
error in our own types, and is ignored in the types of public standards.
"""

#: JSON schema pattern -> what it means to people.
PATTERNS = {
    msgspec.json.schema(alias)["pattern"]: words
    for alias, words in (
        (base.DigestText, "digest"),
        (base.TimeText, "time"),
        (base.NameText, "name"),
        (base.KeyId, "SHA-256"),
        (base.Nonce, "nonce"),
    )
}


def pages() -> dict[str, str]:
    """Path below the repository -> the page."""
    ours = (kind for kind in PREDICATES.values() if issubclass(kind, Predicate))
    return {
        "docs/cli.md": reference.render(),
        "docs/checks.md": "\n".join(checks()),
        "docs/rules.md": rules.manual(RULES),
        "docs/statements.md": "\n".join(statements()),
        "docs/data/checks.md": checks_manual.manual(),
        "docs/schemas/scan-report.json": scan_report.schema(),
        "docs/schemas/data-check-report.json": document.schema(),
        **{f"docs/schemas/{short(kind)}.json": schema(kind) for kind in ours},
    }


def checks() -> Iterator[str]:
    """The page of the gate's built-in checks."""
    yield CHECKS_HEAD
    for check in CHECKS.values():
        yield f"## {check.id}\n"
        yield from module_help(check.run.__module__, check.id)
        yield from tables(check.options, "option")


def statements() -> Iterator[str]:
    """The page of the predicate types."""
    yield STATEMENTS_HEAD
    yield "| predicate type | signed by |\n| --- | --- |"
    for kind in PREDICATES.values():
        yield f"| [{short(kind)}](#{short(kind)}) | {', '.join(r for r in ROLES if kind.TYPE in ROLES[r])} |"
    yield f"\n{STATEMENTS_WORDS}"
    for kind in PREDICATES.values():
        yield f"## {short(kind)}\n"
        yield f"`{kind.TYPE}`" + (
            f", [JSON schema](schemas/{short(kind)}.json)\n" if issubclass(kind, Predicate) else "\n"
        )
        yield from module_help(kind.__module__, short(kind))
        yield from tables(kind, "field")


def module_help(module: str, name: str) -> Iterator[str]:
    """The docstring of a file that is about one thing, `name: what it is`, as a paragraph."""
    text = inspect.cleandoc(importlib.import_module(module).__doc__ or "")
    about, colon, rest = text.partition(": ")
    if colon and about == name:
        yield f"{rest[0].upper()}{rest[1:]}\n"


def short(kind: Any) -> str:
    """`trust-policy` for https://modelward.dev/attestation/trust-policy/v1."""
    name: str = kind.TYPE.rsplit("/", 2)[1]
    return name.replace("_", "-")


def schema(kind: Any) -> str:
    """The JSON schema of a predicate type."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": kind.TYPE}
    return json.dumps(document | msgspec.json.schema(kind), indent=2, ensure_ascii=False) + "\n"


def tables(kind: Any, column: str) -> Iterator[str]:
    """A struct's docstring and fields, then those of the structs inside it."""
    _, definitions = msgspec.json.schema_components([kind], ref_template="{name}")
    own = definitions.pop(kind.__name__)
    for name, definition in ((None, own), *definitions.items()):
        if not definition["properties"]:
            continue
        text = inspect.cleandoc(definition.get("description", ""))
        yield f"*{name}*: {text}\n" if name else f"{text}\n"
        yield f"| {column} | value | default |\n| --- | --- | --- |"
        for field, value in definition["properties"].items():
            given = "required" if field in definition.get("required", ()) else default(value)
            yield f"| `{field}` | {words(value)} | {given} |"
        yield ""


def default(field: dict[str, Any]) -> str:
    """What an optional field is when it is left out."""
    value = field.get("default")
    if value in (None, "", (), [], {}):
        return "none" if value is None and "default" in field else "empty"
    return f"`{json.dumps(value)}`"


def words(value: dict[str, Any]) -> str:
    """A JSON schema in a few words."""
    kind = value.get("type", "any value")
    if "$ref" in value:
        return f"*{value['$ref']}*"
    if "enum" in value:
        return " or ".join(f"`{choice}`" for choice in value["enum"])
    if "anyOf" in value:
        return " or ".join(words(choice) for choice in value["anyOf"])
    if kind == "array":
        return f"list of {words(value['items'])}" if value.get("items") else "list"
    if kind == "object":
        inner = value.get("additionalProperties")
        return f"map of text to {words(inner)}" if isinstance(inner, dict) and inner else "object"
    if kind == "string":
        return PATTERNS.get(value.get("pattern", ""), "text")
    bounds = [f"{sign} {value[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in value]
    return " ".join((kind, *bounds))


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        atomic.write_bytes(ROOT / name, text.encode("utf-8"))


if __name__ == "__main__":
    main()
