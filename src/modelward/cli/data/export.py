"""`modelward data export`: what is known of a dataset, in the formats of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import PATH
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.exchange.declared import Declared
    from modelward.data.exchange.facts import Description

FORMATS = ("croissant", "data-trust-alliance", "openlineage", "prov", "card")

#: What Croissant requires of a dataset -> how a declaration names it.
_CROISSANT_REQUIRED = {
    "text": "description",
    "licences": "licences",
    "url": "url",
    "creators": "creators",
    "published": "published",
}


@click.command("export")
@click.argument("dataset", metavar="DATASET|PATH|DIGEST")
@click.option("--format", "form", required=True, type=click.Choice(FORMATS), help="What to write.")
@click.option("-o", "out", metavar="FILE", type=PATH, help="Where it goes (default: standard output).")
@click.option("--index", metavar="FILE", type=PATH, help="The index (default: PATH.index.parquet).")
@click.option(
    "--declare",
    metavar="FILE",
    type=PATH,
    help="What statements do not say: TOML, or a Croissant description of before (docs/data/exchange.md).",
)
@click.option("--registry", metavar="DIR", type=PATH, help="The registry that holds the statements.")
def export(
    dataset: str, form: str, out: Path | None, index: Path | None, declare: Path | None, registry: Path | None
) -> None:
    """Write what is known of a dataset: Croissant 1.1, the Data & Trust Alliance's provenance standard,

    OpenLineage events, W3C PROV (PROV-JSON) or a dataset card (README.md).

    From the verified snapshot and custody in a registry; without one, from the index beside PATH. What is
    not known is left out and named on standard error.
    """
    from modelward.data.exchange import declared as declarations

    said = declarations.read(declare) if declare else declarations.Declared()
    described = said.completed(_described(dataset, index, registry))
    text, lacking = _written(described, form, said)
    if out is None:
        output.answer(text)
    else:
        _write(out, text)
    if lacking:
        output.note(f"not known: {', '.join(lacking)}")
        output.note("help: declare it in a file: --declare FILE (docs/data/exchange.md)")
    if not described.steps:
        output.note("not in it: custody; no registry has any of this dataset")


def _described(dataset: str, index: Path | None, registry: Path | None) -> Description:
    from modelward.cli.config import load_config
    from modelward.cli.data import described

    if registry is not None or (load_config().registry is not None and index is None):
        if index is not None:
            raise UsageError("--index is for data without a registry", help="leave --index or --registry out")
        return described.of_registry(dataset, registry)
    path = Path(dataset)
    if not path.exists():
        raise InputError(
            "no such path, and no registry is named",
            where=dataset,
            help="name a path, or pass --registry DIR",
        )
    return described.of_index(path, index)


def _written(described: Description, form: str, said: Declared) -> tuple[str, list[str]]:
    """The text, and what the format requires and nobody knows."""
    from modelward.data.exchange import croissant, dataset_card, openlineage, prov, trust_alliance

    if form == "card":
        return dataset_card.write(described), []
    if form == "openlineage":
        return "".join(json.dumps(event) + "\n" for event in openlineage.write(described)), []
    if form == "prov":
        return _json(prov.write(described)), []
    if form == "data-trust-alliance":
        document = trust_alliance.write(described, said.trust_alliance)
        return _json(document), trust_alliance.missing(document)
    lacking = [name for field, name in _CROISSANT_REQUIRED.items() if not getattr(described, field)]
    return _json(croissant.write(described)), lacking


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, indent=2) + "\n"


def _write(out: Path, text: str) -> None:
    from modelward.core import atomic

    try:
        atomic.write_bytes(out, text.encode())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(out)) from None
    output.answer(f"written to {escape(str(out))}")
