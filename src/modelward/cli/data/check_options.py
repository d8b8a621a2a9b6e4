"""What the commands around the checks for poison share: columns, reports, and what people decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli.data.options import parse_types
from modelward.core.digest import Digest

if TYPE_CHECKING:
    from modelward.data.checks.corpus import Columns
    from modelward.data.checks.document import Decision, Document
    from modelward.registry.local import Registry

_COLUMNS = (
    ("input", True, "The text that went in (default: found by the layout, else the longest text)."),
    ("output", False, "The text that came out."),
    ("label", False, "The class (default: `label`, `category`, …, if there is one)."),
    ("rejected", False, "The answer that was not preferred."),
    ("system", False, "What the system says before the input."),
    ("contributor", False, "Who gave the row."),
    ("source", False, "Where the row is from."),
    ("time", False, "When the row was made."),
)


def columns_named(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command options that name columns; it gets them as keywords, for `columns_of`."""
    for name, multiple, help in reversed(_COLUMNS):
        option = click.option(f"--{name}-column", metavar="COLUMN", multiple=multiple, help=help)
        command = option(command)
    return command


def columns_of(types: Iterable[str], said: dict[str, Any]) -> Columns:
    """The columns that the options name; takes them out of `said`. Raises UsageError."""
    from modelward.data.checks.corpus import Columns

    given = {name: said.pop(f"{name}_column") for name, *_ in _COLUMNS}
    return Columns(**given, types=parse_types(types))


def decisions(registry: Registry, document: Document) -> dict[str, Decision]:
    """What people who count decided about the findings of a report, by the findings' ids."""
    from modelward.data.checks.document import Decision
    from modelward.gate.data_decisions import contributors, decided

    dataset = Digest.parse(document.data.digest)
    ids = [Digest.parse(found.id) for found in document.findings if found.tier != "information"]
    evidence = registry.evidence([dataset, *ids])
    people = contributors(evidence, dataset)
    found = {}
    for finding in ids:
        told = decided(evidence, finding, people)
        if told.verdict:
            found[str(finding)] = Decision(verdict=told.verdict, by=told.by, reason=told.reason)
    return found


def has_registry(named: Path | None) -> bool:
    """Whether a registry is named by the option, the environment or the configuration."""
    from modelward.cli.config import load_config

    return named is not None or load_config().registry is not None


def file_digest(path: Path) -> Digest:
    """The SHA-256 of a file. Raises InputError."""
    from modelward.artifact.hashing import hash_file

    return hash_file(path)
