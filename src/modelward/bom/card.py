"""What people declare: `model-card.toml` in the artifact, or the front matter of its README."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelward.bom import front_matter
from modelward.bom.model import Fact, Grade
from modelward.core.errors import InputError, LimitExceeded

CARD_NAME = "model-card.toml"
README_NAME = "README.md"
MAX_BYTES = 1 << 20
_MAX_TEXT = 10_000
_MAX_LIST = 200

#: Table and key of model-card.toml -> the field it fills.
KEYS: dict[str, dict[str, str]] = {
    "model": {
        "producer": "MDL-05",
        "description": "MDL-06",
        "architecture": "MDL-09",
        "task": "MDL-09",
        "approach": "MDL-09",
        "inputs": "MDL-10",
        "outputs": "MDL-10",
        "training": "MDL-11",
        "licence": "MDL-12",
        "references": "MDL-13",
        "base_model": "MDL-14",
        "derivation": "MDL-15",
        "limitations": "MDL-18",
        "ethics": "MDL-18",
        "energy": "MDL-19",
        "sharing": "MD-13",
    },
    "system": {
        "name": "SLP-01",
        "components": "SLP-02",
        "producer": "SLP-03",
        "version": "SLP-04",
        "released": "SLP-05",
        "data_flow": "SLP-06",
        "data_usage": "SLP-07",
        "io": "SLP-08",
        "intended_use": "SLP-09",
        "users": "SLP-09",
    },
    "security": {
        "controls": "SP-01",
        "compliance": "SP-02",
        "contact": "SP-03",
        "vulnerabilities": "SP-04",
        "backdoors": "SP-06",
        "metrics": "KPI-01",
    },
    "datasets": {
        "description": "DP-02",
        "identifier": "DP-04",
        "source": "DP-06",
        "bias": "DP-07",
        "sensitivity": "DP-08",
        "role": "DP-09",
        "licence": "DP-10",
        "overlap": "DP-11",
        "poisoning": "DP-12",
    },
}

#: Front matter key -> (field, key in its value). `datasets` names datasets.
_FRONT_MATTER = {
    "license": ("MDL-12", "licence"),
    "base_model": ("MDL-14", "base_model"),
    "base_model_relation": ("MDL-15", "derivation"),
    "pipeline_tag": ("MDL-09", "task"),
}
_LISTS = {"references", "inputs", "outputs", "components", "users", "limitations"}


@dataclass(frozen=True, slots=True)
class Declared:
    """What a card says: about the model, the system, and each dataset by its name."""

    model: tuple[Fact, ...] = ()
    system: tuple[Fact, ...] = ()
    datasets: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)


def from_card(data: bytes) -> Declared:
    """Read model-card.toml strictly: an unknown key is an error. Raises InputError naming the key."""
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"over {MAX_BYTES} bytes", where=CARD_NAME)
    try:
        card: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid TOML: {error}", where=CARD_NAME) from None
    for name in card:
        if name not in KEYS:
            raise InputError(f"unknown table {name!r}", where=CARD_NAME, help=f"one of {', '.join(KEYS)}")
    datasets = card.get("datasets", [])
    if not isinstance(datasets, list) or len(datasets) > _MAX_LIST:
        raise InputError("datasets are tables: [[datasets]]", where=CARD_NAME)
    return Declared(
        model=_facts("model", card.get("model", {})) + _facts("security", card.get("security", {})),
        system=_facts("system", card.get("system", {})),
        datasets=dict(_dataset(entry) for entry in datasets),
    )


def from_readme(data: bytes) -> Declared:
    """Read the front matter and the first paragraph of a README, leniently: others wrote it for others."""
    values, body = front_matter.parse(data[:MAX_BYTES].decode("utf-8", "replace"))
    source = f"file:{README_NAME}"
    facts = [
        Fact(
            field,
            {key: values[name][0] if len(values[name]) == 1 else list(values[name])},
            Grade.DECLARED,
            source,
        )
        for name, (field, key) in _FRONT_MATTER.items()
        if name in values
    ]
    summary = front_matter.first_paragraph(body)
    if summary:
        facts.append(Fact("MDL-06", {"description": summary}, Grade.DECLARED, source))
    return Declared(model=tuple(facts), datasets=dict.fromkeys(values.get("datasets", ()), ()))


def _dataset(entry: Any) -> tuple[str, tuple[Fact, ...]]:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name or len(name) > 200:
        raise InputError("each of [[datasets]] has a name", where=CARD_NAME)
    return name, _facts("datasets", {key: value for key, value in entry.items() if key != "name"})


def _facts(table: str, values: Any) -> tuple[Fact, ...]:
    if not isinstance(values, dict):
        raise InputError(f"{table} is a table: [{table}]", where=CARD_NAME)
    grouped: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        field = KEYS[table].get(key)
        if field is None:
            known = ", ".join(KEYS[table])
            raise InputError(f"unknown key {table}.{key}", where=CARD_NAME, help=f"one of {known}")
        grouped.setdefault(field, {})[key] = _checked(f"{table}.{key}", key, value)
    return tuple(Fact(field, value, Grade.DECLARED, f"file:{CARD_NAME}") for field, value in grouped.items())


def _checked(where: str, key: str, value: Any) -> str | list[str]:
    """A text, or a list of texts where there may be several."""
    texts = value if isinstance(value, list) else [value]
    if not texts or len(texts) > _MAX_LIST or not all(isinstance(text, str) and text for text in texts):
        raise InputError(f"{where} is a text, or a list of texts", where=CARD_NAME)
    if any(len(text) > _MAX_TEXT for text in texts):
        raise LimitExceeded(f"{where} is over {_MAX_TEXT} characters", where=CARD_NAME)
    return texts if isinstance(value, list) or key in _LISTS else str(value)
