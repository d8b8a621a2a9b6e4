"""A dataset card: README.md with the YAML front matter that the Hugging Face Hub and `datasets` read."""

from __future__ import annotations

import re
from typing import Any

import yaml

from modelward.data.exchange.columns import MEDIA
from modelward.data.exchange.describe import LISTING
from modelward.data.exchange.facts import Description

#: Licences that the Hub knows by these names; others are `other`.
LICENCES = frozenset(
    (
        "afl-3.0",
        "agpl-3.0",
        "apache-2.0",
        "artistic-2.0",
        "bsd",
        "bsd-2-clause",
        "bsd-3-clause",
        "bsl-1.0",
        "cc",
        "cc-by-2.0",
        "cc-by-2.5",
        "cc-by-3.0",
        "cc-by-4.0",
        "cc-by-nc-2.0",
        "cc-by-nc-3.0",
        "cc-by-nc-4.0",
        "cc-by-nc-nd-3.0",
        "cc-by-nc-nd-4.0",
        "cc-by-nc-sa-2.0",
        "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-4.0",
        "cc-by-nd-4.0",
        "cc-by-sa-3.0",
        "cc-by-sa-4.0",
        "cc0-1.0",
        "cdla-permissive-1.0",
        "cdla-permissive-2.0",
        "cdla-sharing-1.0",
        "ecl-2.0",
        "epl-1.0",
        "epl-2.0",
        "etalab-2.0",
        "eupl-1.1",
        "gfdl",
        "gpl",
        "gpl-2.0",
        "gpl-3.0",
        "isc",
        "lgpl",
        "lgpl-2.1",
        "lgpl-3.0",
        "mit",
        "mpl-2.0",
        "ms-pl",
        "odbl",
        "odc-by",
        "ofl-1.1",
        "osl-3.0",
        "pddl",
        "postgresql",
        "unlicense",
        "wtfpl",
        "zlib",
    )
)
_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)/?\Z")
_SIZES = ("n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "100M<n<1B")
_LOADED = frozenset(MEDIA.values()) - {"application/x-tar"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")


def write(dataset: Description) -> str:
    """The card. What is not known is left out."""
    front = yaml.safe_dump(_front(dataset), sort_keys=False, allow_unicode=True, width=1000)
    parts = [f"# {_prose(dataset.name)}", _prose(dataset.text or dataset.first("notes"))]
    parts += [_columns(dataset), _custody(dataset), _digests(dataset)]
    return f"---\n{front}---\n\n" + "\n\n".join(part for part in parts if part) + "\n"


def _front(dataset: Description) -> dict[str, Any]:
    front: dict[str, Any] = {"pretty_name": dataset.name}
    licences = dataset.licences or dataset.every("licence")
    if licences:
        front |= _licence(licences)
    for key, values in (("language", dataset.languages), ("tags", dataset.keywords)):
        if values:
            front[key] = list(values)
    if dataset.rows is not None:
        power = max(len(str(dataset.rows)) - 3, 0)
        front["size_categories"] = [_SIZES[power] if power < len(_SIZES) else "n>1T"]
    shards = [file for file in dataset.files if file.path != LISTING]
    if shards and all(file.media in _LOADED for file in shards):
        files = {"split": "train", "path": [file.path for file in shards]}
        front["configs"] = [{"config_name": "default", "data_files": [files]}]
    return front


def _licence(licences: tuple[str, ...]) -> dict[str, Any]:
    names = [_hub_name(text) for text in licences]
    if all(name in LICENCES for name in names):
        return {"license": names[0] if len(names) == 1 else names}
    link = next((text for text in licences if text.startswith(("https://", "http://"))), None)
    name = re.sub(r"[^a-z0-9.]+", "-", licences[0].lower()).strip("-")[:60]
    return {"license": "other", "license_name": name, **({"license_link": link} if link else {})}


def _hub_name(text: str) -> str:
    match = _CREATIVE_COMMONS.match(text.lower())
    return f"cc-{match[1]}-{match[2]}" if match else text.lower()


def _columns(dataset: Description) -> str:
    fields = [field for records in dataset.records for field in records.fields]
    if not fields:
        return ""
    lines = [
        f"| {_prose(field.name)} | {_prose(field.arrow or ', '.join(field.types))} |" for field in fields
    ]
    return "\n".join(["## Columns", "", "| Name | Type |", "|---|---|", *lines])


def _custody(dataset: Description) -> str:
    """The chain, nearest step first: what was done, by whom, and whether that was checked."""
    if not dataset.steps:
        return ""
    lines = [
        f"| {_prose(step.at)} | {_prose(step.operation)} | {_prose(step.dataset)} | {step.rows_in:,} |"
        f" {step.rows_out:,} | {_prose(step.claim)} | {_prose(step.by)} | {_prose(step.source)} |"
        for step in dataset.steps
    ]
    head = "| When | Step | Dataset | Rows in | Rows out | Claim | Signed by | Source |"
    note = "*checked*: borne out by the digests of the rows; *declared*: the signer's word."
    return "\n".join(["## Custody", "", head, "|---|---|---|---|---|---|---|---|", *lines, "", note])


def _digests(dataset: Description) -> str:
    if not dataset.subject:
        return ""
    digests = {
        "Dataset": dataset.subject,
        "Rows in order": dataset.rows_root,
        "Rows as a set": dataset.set_root,
        "Index": dataset.index,
    }
    lines = [f"- {name}: `{digest}`" for name, digest in digests.items() if digest]
    rows = "" if dataset.rows is None else f" {dataset.rows:,} rows."
    signer = f" Signed by {_prose(dataset.signer)}." if dataset.signer else ""
    return "\n".join(
        ["## Digests", "", f"`modelward data verify` names rows that differ.{rows}{signer}", "", *lines]
    )


def _prose(text: str) -> str:
    """Text of strangers as plain Markdown on one line."""
    visible = "".join(character if character.isprintable() else " " for character in text)
    return _SPECIAL.sub(r"\\\1", " ".join(visible.split()))
