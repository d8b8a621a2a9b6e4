"""`modelward data verify`: compare data with the index of its snapshot."""

from __future__ import annotations

from pathlib import Path

import click

from modelward.cli import output
from modelward.cli.data.options import (
    ENGINE,
    JSON,
    LEAF_KEY,
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


@click.command()
@click.argument("path", type=PLACE)
@click.option("--index", metavar="FILE", type=PATH, help="The index (default: PATH.index.parquet).")
@click.option("--any-order", is_flag=True, help="The same rows in another order are no difference.")
@LEAF_KEY
@ENGINE
@REGISTRY
@JSON
def verify(
    path: Path | str,
    index: Path | None,
    any_order: bool,
    leaf_key: Path | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Compare PATH with the index of its snapshot: name the rows changed, added, removed or moved.

    Where a registry is named, the index must be that of a signed snapshot. Exit code 0: the same rows in the
    same order; 1: not. Other files, shards or formats are no difference.
    """
    from modelward.cli.progress import progress
    from modelward.data import leaf_key as leaf_keys
    from modelward.data import verify as comparison
    from modelward.data.address import name_of
    from modelward.data.index import default_path

    place = index or default_path(path)
    key = leaf_keys.read(leaf_key) if leaf_key else None
    found = comparison.verify(path, place, progress(f"reading {name_of(path)}"), key=key)
    signer = signer_of(found.expected, place, registry)
    code = EXIT_YES if found.same_rows or (any_order and found.same_set) else EXIT_NO
    if as_json:
        output.answer_json(as_object(found, signer))
        return code
    answer_difference(found)
    if signer is None:
        output.note("not checked: who made the index; no registry is named")
    else:
        output.answer(f"index of the snapshot signed by {escape(signer)}")
    return code
