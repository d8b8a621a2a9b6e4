"""`modelward data show`: the custody of a dataset, back to its collection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, PATH
from modelward.core.errors import EXIT_NO, EXIT_YES
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.registry.custody_chain import Link


@click.command()
@click.argument("dataset", metavar="DATASET|PATH|DIGEST")
@click.option("--registry", metavar="DIR", type=PATH, help="The registry that holds the statements.")
@JSON
def show(dataset: str, registry: Path | None, as_json: bool) -> int:
    """Show every step from a dataset back to its collection: who signed it, what is checked, what is a word.

    Exit code 0: each step is signed and stands, back to a collection; 1: something is missing or at odds.
    """
    from modelward.cli.data.custody_text import as_object, lines
    from modelward.cli.data.datasets import datasets_named, open_lineage
    from modelward.registry.custody_chain import chain

    with open_lineage(registry) as lineage:
        found = datasets_named(lineage, dataset)
        links = chain(lineage, found[-1])
    broken = [(link, problem) for link in links for problem in link.problems]
    if as_json:
        output.answer_json({"complete": not broken, "datasets": [as_object(link) for link in links]})
    else:
        names = {link.digest: link.name for link in links}
        for link in links:
            output.answer("\n".join(lines(link, names)))
        output.answer(_result(links, broken))
        if len(found) > 1:
            output.note(f"the newest of {len(found)} datasets named {escape(dataset)}; name others by digest")
    return EXIT_NO if broken else EXIT_YES


def _result(links: list[Link], broken: list[tuple[Link, str]]) -> str:
    if broken:
        listed = "".join(
            f"\n  {escape(link.name) or link.digest.short}: {escape(problem)}" for link, problem in broken
        )
        return f"result: NOT complete{listed}"
    collected = sum(link.is_collection for link in links)
    return f"result: complete, back to {collected} collection{'' if collected == 1 else 's'}"
