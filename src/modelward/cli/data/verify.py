"""`modelward data verify`: compare data with the index of its snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import (
    JSON,
    PATH,
    PLACE,
    REGISTRY,
)
from modelward.cli.data.publishing import (
    signer_of,
)
from modelward.cli.row_difference import answer_difference, as_object
from modelward.core.errors import EXIT_NO, EXIT_YES
from modelward.core.escape import escape

if TYPE_CHECKING:
    pass


@click.command()
@click.argument("path", type=PLACE)
@click.option("--index", metavar="FILE", type=PATH, help="The index (default: PATH.index.parquet).")
@REGISTRY
@JSON
def verify(path: Path | str, index: Path | None, registry: Path | None, as_json: bool) -> int:
    """Compare PATH with the index of its snapshot: name the rows changed, added, removed or moved.

    Where a registry is named, the index must be that of a signed snapshot. Exit code 0: the same rows in the
    same order; 1: not.
    """
    from modelward.cli.progress import progress
    from modelward.data import verify as comparison
    from modelward.data.address import name_of
    from modelward.data.index import default_path

    place = index or default_path(path)
    found = comparison.verify(path, place, progress(f"reading {name_of(path)}"))
    signer = signer_of(found.expected, place, registry)
    code = EXIT_YES if found.same_rows else EXIT_NO
    if as_json:
        output.answer_json(as_object(found, signer))
        return code
    answer_difference(found)
    if signer is None:
        output.note("not checked: who made the index; no registry is named")
    else:
        output.answer(f"index of the snapshot signed by {escape(signer)}")
    return code
