"""The BOM as CycloneDX 1.6 JSON, written as plain dicts: no library keeps the machine-learning parts.

Every field that is filled leaves two properties where it applies (BOM or dataset): `modelward:field:ID`, the
grade, and `modelward:source:ID`, who says so. Completeness is judged from these, offline.

Source: https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from modelward import __version__
from modelward.bom import cyclonedx_parts as parts
from modelward.bom.cyclonedx_card import model_card
from modelward.bom.fields import table
from modelward.bom.model import Bom, Component, Fact, Grade, Kind, ordered
from modelward.core import strict_json

SPEC_VERSION = "1.6"
SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"

#: What serial numbers are derived from, with the content.
_NAMESPACE = uuid.UUID("5d2b7c3e-6c0f-5b0e-9a51-1f6a0d5f7e42")


#: Fields of the model whose values have no place of their own in CycloneDX.
_NO_PLACE = (
    *("MDL-04", "MDL-09", "MDL-11", "MDL-13", "MDL-15", "MDL-16", "MDL-17", "MDL-19"),
    *("INF-01", "INF-02", "SP-01", "SP-02", "SP-03", "SP-04", "SP-05", "SP-06", "SP-07", "SP-08", "KPI-01"),
)


def to_cyclonedx(bom: Bom) -> dict[str, Any]:
    """The CycloneDX document. Equal BOMs give equal documents, serial number included."""
    written: dict[str, Any] = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "version": 1,
        "metadata": _metadata(bom),
        "components": [_model(bom), *(_component(c) for c in bom.components if c.kind is not Kind.FILE)],
        "dependencies": _dependencies(bom),
        "compositions": _compositions(bom),
        "properties": parts.field_properties(_fields(bom)),
    }
    if bom.steps:
        written["formulation"] = [
            {"bom-ref": "formulation", "workflows": [parts.workflow(step) for step in bom.steps]}
        ]
    serial = uuid.uuid5(_NAMESPACE, strict_json.dumps(written).decode("utf-8"))
    return {**written, "serialNumber": serial.urn}


def _fields(bom: Bom) -> tuple[Fact, ...]:
    """Facts about the BOM, the system and the model; those about datasets stay with each of them."""
    own = [Fact(field, {}, Grade.OBSERVED, "modelward") for field in ("MD-02", "MD-03", "MD-04")]
    return ordered([*own, *bom.facts, *bom.system.facts, *bom.model.facts], table())


def _metadata(bom: Bom) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "lifecycles": [{"phase": "post-build"}],
        "tools": {"components": [{"type": "application", "name": "modelward", "version": __version__}]},
        "component": _system(bom.system),
    }
    if bom.timestamp:
        metadata["timestamp"] = bom.timestamp
    authors = sorted(
        {str(f.value["author"]) for f in bom.facts if f.field == "MD-01" and "author" in f.value}
    )
    if authors:
        metadata["authors"] = [{"name": name} for name in authors]
    return metadata


def _system(system: Component) -> dict[str, Any]:
    """What the model is part of; unless a card declares it, only its name, which is the model's."""
    written: dict[str, Any] = {"type": "application", "bom-ref": system.ref, "name": system.name}
    if version := system.text("SLP-04", "version"):
        written["version"] = version
    if producer := system.text("SLP-03", "producer"):
        written["supplier"] = {"name": producer}
    written["properties"] = parts.value_properties(system, ("SLP-02", "SLP-05", "SLP-06", "SLP-07", "SLP-08"))
    return parts.without_empty(written)


def _model(bom: Bom) -> dict[str, Any]:
    model = bom.model
    written: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": model.ref,
        "name": model.name,
        "version": model.version,
        "description": model.text("MDL-06", "description"),
        "purl": model.text("MDL-02", "purl"),
        "hashes": parts.hashes(model.digest),
        "licenses": parts.licences(model.texts("MDL-12", "licence")),
        "externalReferences": parts.external_references(model),
        "pedigree": _pedigree(bom),
        "modelCard": model_card(bom),
        "components": [_component(c) for c in bom.of_kind(Kind.FILE)],
        "properties": [
            *parts.component_properties(model),
            *parts.value_properties(model, _NO_PLACE),
        ],
    }
    if producer := model.text("MDL-05", "producer"):
        written["supplier"] = {"name": producer}
    return parts.without_empty(written)


def _pedigree(bom: Bom) -> dict[str, Any]:
    """Base models: the registered ones with their digest, others by the name that is declared."""
    bases = [parts.ancestor(component) for component in bom.of_kind(Kind.BASE)]
    known = {component.name for component in bom.of_kind(Kind.BASE)}
    bases += [
        {"type": "machine-learning-model", "name": name}
        for name in bom.model.texts("MDL-14", "base_model")
        if name.partition("@")[0] not in known and name != "none"
    ]
    notes = bom.model.text("MDL-15", "derivation")
    return parts.without_empty({"ancestors": bases, "notes": notes})


def _component(component: Component) -> dict[str, Any]:
    if component.kind is Kind.DATASET:
        return parts.dataset(component)
    kinds = {
        Kind.BASE: "machine-learning-model",
        Kind.PRODUCT: "data",
        Kind.FILE: "file",
        Kind.DEVICE: "device",
        Kind.PACKAGE: "framework" if "framework" in component.roles else "library",
    }
    return parts.without_empty(
        {
            "type": kinds[component.kind],
            "bom-ref": component.ref,
            "name": component.name,
            "version": component.version,
            "purl": parts.purl(component),
            "hashes": parts.hashes(component.digest),
            "properties": parts.component_properties(component),
        }
    )


def _dependencies(bom: Bom) -> list[dict[str, Any]]:
    """System on model, model on what it was made from and contains, and so on down."""
    links: dict[str, Iterable[str]] = {**bom.depends, bom.system.ref: [bom.model.ref]}
    everything = [bom.system, bom.model, *(c for c in bom.components if c.kind is not Kind.FILE)]
    return [
        parts.without_empty({"ref": component.ref, "dependsOn": sorted(links.get(component.ref, ()))})
        for component in everything
    ]


def _compositions(bom: Bom) -> list[dict[str, Any]]:
    """The files are all there are; what training read besides its declared inputs nobody enforced."""
    return [
        {"aggregate": "complete", "assemblies": [bom.model.ref]},
        {"aggregate": "incomplete", "dependencies": [bom.model.ref]},
    ]


def fields_of(properties: Any) -> dict[str, str]:
    """Field id -> grade, as `modelward:field:ID` properties of an untrusted document tell."""
    found: dict[str, str] = {}
    for entry in properties if isinstance(properties, list) else []:
        if isinstance(entry, Mapping):
            name, value = entry.get("name"), entry.get("value")
            if isinstance(name, str) and name.startswith(parts.FIELD) and isinstance(value, str):
                found.setdefault(name.removeprefix(parts.FIELD), value)
    return found
