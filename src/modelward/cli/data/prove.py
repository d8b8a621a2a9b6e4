"""`modelward data prove`: that a row is in a dataset, is not, or that a dataset goes on from another."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, LEAF_KEY, PATH
from modelward.core.errors import EXIT_YES, InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.index import Index
    from modelward.data.proof import AnyProof


@click.command()
@click.argument("dataset", metavar="INDEX|PATH", type=PATH, required=False)
@click.option("--row", metavar="DIGEST", help="The row with this digest; with --check: it must be this one.")
@click.option("--row-json", metavar="FILE", help="The row that this JSON object is (- reads standard input).")
@LEAF_KEY
@click.option("--at", metavar="SHARD:ROW", help="The row at this place, counted from 1.")
@click.option("--extends", metavar="INDEX|PATH", type=PATH, help="That its first rows are those of this one.")
@click.option("-o", "--out", metavar="FILE", type=PATH, help="Write the proof here (default: stdout).")
@click.option("--check", metavar="FILE", type=PATH, help="Check this proof instead, offline.")
@click.option(
    "--statement", "statements", metavar="FILE", type=PATH, multiple=True,
    help="With --check: a signed snapshot (a bundle) that has the root.",
)  # fmt: skip
@click.option("--key", metavar="KEY", help="With --statement: the signer's public key, where no registry is.")
@click.option("--registry", metavar="DIR", type=PATH, help="With --check: the registry of the snapshots.")
@JSON
def prove(
    dataset: Path | None,
    row: str | None,
    row_json: str | None,
    leaf_key: Path | None,
    at: str | None,
    extends: Path | None,
    out: Path | None,
    check: Path | None,
    statements: tuple[Path, ...],
    key: str | None,
    registry: Path | None,
    as_json: bool,
) -> int:
    """Prove from the index alone that a row is in a dataset and how often, that it is not, where it is, or
    that a dataset goes on from a former one; or check such a proof.

    A proof is a file of under 2 KB that needs neither data nor index to be checked, only the signed
    snapshot. Exit code 0: proved; 1: it does not hold; 2: could not tell, as where no signed snapshot is
    named, since a proof alone says only that its own root holds the row.
    """
    asked = [it for it in (row, row_json, at, extends) if it is not None]
    if check is not None:
        if dataset is not None or out is not None or asked[bool(row) :]:
            raise UsageError("to check a proof, give --check FILE and no dataset; --row to name the row")
        from modelward.cli.data.prove_check import check_proof

        return check_proof(check, row, statements, key, registry, as_json=as_json)
    if dataset is None or len(asked) != 1 or statements or key:
        raise UsageError(
            "what is to be proved?",
            help="give the index or its data, and one of --row, --row-json, --at, --extends",
        )
    from modelward.cli.data.indexes import open_named

    with open_named(dataset)[0] as index:
        proof = _made(_unlocked(index, leaf_key), row, row_json, at, extends)
    _write(proof, out)
    return EXIT_YES


def _made(
    index: Index, row: str | None, row_json: str | None, at: str | None, extends: Path | None
) -> AnyProof:
    from modelward.cli.data.indexes import open_named
    from modelward.core.digest import Digest
    from modelward.data import proof
    from modelward.data.index import Place
    from modelward.data.json_row import row_digest

    if extends is not None:
        with open_named(extends)[0] as former:
            return proof.prove_extension(index, former)
    if at is not None:
        shard, colon, number = at.rpartition(":")
        if not colon or not number.isascii() or not number.isdigit() or len(number) > 18:
            raise UsageError(f"not a place: {at!r}", help="write it as SHARD:ROW, as in raw.csv:3")
        return proof.prove_place(index, Place(shard, int(number)))
    if row_json is not None:
        return proof.prove_row(index, row_digest(_read(row_json), index))
    digest = Digest.parse(row or "")
    if digest.algorithm != "sha256":
        raise InputError("a row's digest is a sha256", where=row)
    return proof.prove_row(index, digest)


def _unlocked(index: Index, path: Path | None) -> Index:
    """The index with the key of its keyed columns. Raises UsageError if it is another one."""
    from modelward.data import leaf_key

    if path is None:
        return index
    return replace(index, options=leaf_key.identified(replace(index.options, key=leaf_key.read(path))))


def _read(name: str) -> bytes:
    from modelward.cli.public_key import read_capped
    from modelward.data.json_row import MAX_BYTES

    return sys.stdin.buffer.read(MAX_BYTES + 1) if name == "-" else read_capped(Path(name), MAX_BYTES)


def _write(proof: AnyProof, out: Path | None) -> None:
    from modelward.cli.data.prove_check import said
    from modelward.core import atomic

    data = proof.to_bytes()
    if out is None:
        output.answer(data.decode("utf-8"))
        output.note(said(proof))
        return
    try:
        atomic.write_bytes(out, data)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(out)) from None
    output.answer(said(proof))
    output.note(f"proof written to {escape(str(out))}, {len(data):,} bytes")
