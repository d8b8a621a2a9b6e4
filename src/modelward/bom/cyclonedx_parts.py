"""The parts of a CycloneDX document: hashes, licences, properties, datasets, workflows, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from modelward.bom.licences import spdx_id
from modelward.bom.model import Component, Fact, Step
from modelward.core import strict_json
from modelward.core.digest import Digest

FIELD = "modelward:field:"
SOURCE = "modelward:source:"
VALUE = "modelward:value:"

_REFERENCE_TYPES = (
    ("github.com/", "vcs"),
    ("gitlab.com/", "vcs"),
    ("arxiv.org/", "documentation"),
    ("huggingface.co/", "model-card"),
)


_SCHEMES = frozenset(
    (
        "http",
        "https",
        "ftp",
        "s3",
        "gs",
        "az",
        "hf",
        "hf-dataset",
        "oci",
        "file",
        "doi",
        "urn",
        "pkg",
        "mailto",
    )
)
_PATH = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"
_URI = re.compile(
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9.-]+(?::\d{{1,5}})?(?=[/?#]|\Z))?(?!//){_PATH}"
    rf"(?:\?{_PATH})?(?:#{_PATH})?"
)

#: Field -> reference type and what its statement is, for statements that stand behind the BOM.
_STATEMENTS = (
    ("SP-07", "digital-signature", "version statement"),
    ("SP-08", "build-meta", "provenance"),
    ("SP-05", "static-analysis-report", "scan"),
    ("KPI-02", "quality-metrics", "evaluation"),
)


def without_empty(table: Mapping[str, Any]) -> dict[str, Any]:
    """`table` less the keys that hold nothing."""
    return {key: value for key, value in table.items() if value not in (None, "", [], {}, ())}


def prop(name: str, value: str) -> dict[str, str]:
    """One CycloneDX property."""
    return {"name": name, "value": value}


def field_properties(facts: Iterable[Fact]) -> list[dict[str, str]]:
    """Grade and source of each field, the best grade first where several sources fill one."""
    written: list[dict[str, str]] = []
    for fact in facts:
        written += [
            prop(f"{FIELD}{fact.field}", fact.grade.value),
            prop(f"{SOURCE}{fact.field}", fact.source),
        ]
    return written


def value_properties(component: Component, fields: Iterable[str]) -> list[dict[str, str]]:
    """Values that have no place of their own in CycloneDX, as canonical JSON."""
    return [
        prop(f"{VALUE}{fact.field}", strict_json.dumps(dict(fact.value)).decode("utf-8"))
        for field in fields
        for fact in component.all(field)
    ]


def component_properties(component: Component) -> list[dict[str, str]]:
    """Grade, source, roles, and the digest with its algorithm's true name."""
    written = [prop("modelward:grade", component.grade.value)]
    if component.source:
        written.append(prop("modelward:source", component.source))
    written += [prop("modelward:role", role) for role in component.roles]
    if component.digest is not None:
        written.append(prop("modelward:digest", str(component.digest)))
    return written


def hashes(digest: Digest | None) -> list[dict[str, str]]:
    """The SHA-256 of a file; of a tree, of its SHA256SUMS listing (see the `modelward:digest` property)."""
    return [{"alg": "SHA-256", "content": digest.value}] if digest else []


def licences(names: Sequence[str]) -> list[dict[str, Any]]:
    """Licences by SPDX identifier where that is certain, else by name."""
    unique = dict.fromkeys(spdx_id(name) or name for name in names)
    return [{"license": {"id": name} if spdx_id(name) else {"name": name}} for name in unique]


def purl(component: Component) -> str:
    """The package URL of a Python package; nothing for anything else."""
    if not component.ref.startswith("package:") or component.name in ("cpython", "pypy"):
        return ""
    return f"pkg:pypi/{quote(component.name.lower().replace('_', '-'))}@{quote(component.version)}"


def ancestor(component: Component) -> dict[str, Any]:
    """A base model or an earlier state of a dataset, inside a pedigree."""
    is_model = component.ref.startswith("base:")
    return without_empty(
        {
            "type": "machine-learning-model" if is_model else "data",
            "name": component.name,
            "version": component.version,
            "hashes": hashes(component.digest),
            "properties": component_properties(component),
        }
    )


def dataset(component: Component) -> dict[str, Any]:
    """A dataset: digests down to the rows, governance, licence, what it was made from."""
    shape = component.best("DP-03")
    data = without_empty(
        {
            "type": "dataset",
            "name": component.name,
            "description": component.text("DP-02", "description"),
            "classification": component.text("DP-08", "sensitivity"),
            "contents": without_empty(
                {"properties": value_properties(component, ("DP-05", "DP-07", "DP-11", "DP-12"))}
            ),
            "governance": _governance(component),
        }
    )
    written: dict[str, Any] = {
        "type": "data",
        "bom-ref": component.ref,
        "name": component.name,
        "hashes": hashes(component.digest),
        "licenses": licences(component.texts("DP-10", "licence")),
        "externalReferences": [
            {"type": "source-distribution", "url": url}
            for url in component.texts("DP-04", "identifier")
            if _is_address(url)
        ],
        "pedigree": without_empty({"ancestors": [ancestor(other) for other in component.ancestors]}),
        "data": [data],
        "properties": [
            *component_properties(component),
            *field_properties(component.facts),
            *value_properties(component, ("DP-04", "DP-06")),
        ],
    }
    if shape is not None:
        contents = data.setdefault("contents", {})
        contents["properties"] = [
            prop("modelward:rows", str(shape.value.get("rows", ""))),
            prop("modelward:columns", strict_json.dumps(shape.value.get("columns", [])).decode("utf-8")),
            *contents.get("properties", []),
        ]
    return without_empty(written)


def workflow(step: Step) -> dict[str, Any]:
    """A step of the pipeline as it ran."""
    return without_empty(
        {
            "bom-ref": step.ref,
            "uid": step.invocation or step.source,
            "name": step.name,
            "taskTypes": ["build"],
            "timeStart": step.started,
            "timeEnd": step.finished,
            "steps": [without_empty({"name": step.name, "commands": [{"executed": _shell(step.command)}]})]
            if step.command
            else [],
            "inputs": [{"resource": {"ref": ref}} for ref in step.inputs],
            "outputs": [{"type": "artifact", "resource": {"ref": ref}} for ref in step.outputs],
            "properties": [
                prop("modelward:grade", "attested"),
                prop("modelward:source", step.source),
                prop("modelward:builder", step.builder),
                prop("modelward:by", step.by),
                *(prop(f"modelward:run:{key}", str(value)) for key, value in sorted(step.parameters.items())),
            ],
        }
    )


def external_references(model: Component) -> list[dict[str, Any]]:
    """Where to read more, and the statements that stand behind the BOM."""
    references: list[dict[str, Any]] = [
        {"type": _reference_type(url), "url": url}
        for url in model.texts("MDL-13", "references")
        if _is_address(url)
    ]
    references += [
        {
            "type": kind,
            "url": f"urn:modelward:statement:{fact.source}",
            "comment": what,
            "hashes": [{"alg": "SHA-256", "content": fact.source.removeprefix("sha256:")}],
        }
        for field, kind, what in _STATEMENTS
        for fact in model.all(field)
        if fact.source.startswith("sha256:")
    ]
    if contact := model.text("SP-03", "contact"):
        references.append(
            {
                "type": "security-contact",
                "url": contact if _is_address(contact) else f"mailto:{quote(contact)}",
            }
        )
    return references


def _governance(component: Component) -> dict[str, Any]:
    """Who signed custody: the stewards."""
    people = sorted({str(fact.value["by"]) for fact in component.all("DP-06") if "by" in fact.value})
    return {"stewards": [{"contact": {"name": name}} for name in people]} if people else {}


def _is_address(text: str) -> bool:
    """Whether `text` is a URI (RFC 3986) of a scheme that readers may safely show as a link."""
    return bool(_URI.fullmatch(text)) and text.partition(":")[0].lower() in _SCHEMES


def _reference_type(url: str) -> str:
    return next((kind for part, kind in _REFERENCE_TYPES if part in url), "website")


def _shell(command: Sequence[str]) -> str:
    import shlex

    return shlex.join(command)
