"""`modelward data custody`: what was done to a dataset, checked and signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from modelward.attest.predicates.custody import Operation
from modelward.cli import output
from modelward.cli.data.attested import Input, answer_inputs, read_inputs
from modelward.cli.data.declared import declaration, declaring
from modelward.cli.data.options import (
    ENGINE,
    JSON,
    KEY,
    KEYED,
    LEAF_KEY,
    PATH,
    PLACE,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    labelled,
    labelling,
    parse_digests,
    read_options,
    taken_from,
)
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.core.errors import EXIT_YES, InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.statement import Statement
    from modelward.data.custody import Claim
    from modelward.data.index import Index
    from modelward.data.operations.step import Details, Step
    from modelward.data.options import Options

_MAX_ROWS_FILE = 64 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of the step, besides its declaration."""

    operation: str
    inputs: tuple[Path | str, ...]
    outputs: tuple[Path | str, ...]
    names: tuple[str, ...]
    dropped: Path | str | None
    reading: Options
    labelled: Options
    columns: tuple[str, ...]
    reason_column: str
    mapping: Path | None
    in_order: bool
    key_column: str
    fan_out: bool
    whose: tuple[str, ...]
    rows: Path | None


@click.command()
@click.option(
    "--operation",
    required=True,
    type=click.Choice(get_args(Operation)),
    help="What was done. All but collect, synthesise and what a map changes is checked from the rows.",
)
@click.option(
    "--in",
    "inputs",
    metavar="PATH",
    multiple=True,
    type=PLACE,
    help="What it was done to: data, or its index.",
)
@click.option(
    "--out", "outputs", metavar="PATH", multiple=True, required=True, type=PLACE, help="What came out."
)
@click.option("--dropped", metavar="PATH", type=PLACE, help="The rows that a filter or map left out.")
@click.option(
    "--name",
    "names",
    metavar="NAME",
    multiple=True,
    required=True,
    help="The output's name; one for each --out.",
)
@click.option(
    "--column",
    "columns",
    metavar="COLUMN",
    multiple=True,
    help="A column that was labelled, annotated or redacted, or by which rows were deduplicated.",
)
@click.option("--reason-column", metavar="COLUMN", default="", help="Says why each dropped row was dropped.")
@click.option("--mapping", metavar="FILE", type=PATH, help="Row digests, before and after, of a map.")
@click.option("--in-order", is_flag=True, help="Row N became row N: write the mapping.")
@click.option("--key-column", metavar="COLUMN", default="", help="The column that a mapped row keeps.")
@click.option("--fan-out", is_flag=True, help="One row may have become several, or several one.")
@click.option("--whose", metavar="COLUMN=VALUE", multiple=True, help="Whose rows were deleted.")
@click.option("--rows", metavar="FILE", type=PATH, help="Digests of the rows that were deleted, a line each.")
@declaring
@TYPES
@labelling
@KEYED
@LEAF_KEY
@ENGINE
@SUPERSEDES
@click.option("--overwrite", is_flag=True, help="Let the outputs of COMMAND replace what is there.")
@click.option(
    "--statement", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing."
)
@REGISTRY
@KEY
@JSON
@click.argument("command", metavar="-- COMMAND [ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
def custody(
    types: tuple[str, ...],
    keyed: tuple[str, ...],
    leaf_key: Path | None,
    supersedes: tuple[str, ...],
    overwrite: bool,
    statement: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    command: tuple[str, ...],
    **said: Any,
) -> int:
    """Sign what was done to a dataset: from the inputs, by an operation, to the outputs.

    A claim that the rows contradict is refused with the first of them (exit code 1). Inputs are held against
    the snapshots in the registry. Also writes the index of each output and signs its snapshot.

    With -- COMMAND, it is run in between: if it fails, its exit code is passed on and nothing is recorded.
    """
    from modelward.data.custody import check_step

    reading = read_options(types, keyed, leaf_key)
    asked = Asked(
        reading=reading, labelled=labelled(reading, said), **{name: said.pop(name) for name in _STEP_OPTIONS}
    )
    replaced = parse_digests(supersedes)
    _check_names(asked)
    check_destination(statement, registry)
    declared = declaration(**said)
    inputs = read_inputs(asked.inputs, asked.names[0], asked.reading, registry)
    if command:
        from modelward.cli.data.record import run_step, with_surroundings

        products = [*asked.outputs, *([asked.dropped] if asked.dropped else [])]
        code, ran_with = run_step(command, inputs, products, overwrite=overwrite, stdout_is_ours=as_json)
        if code:
            return code
        declared = with_surroundings(declared, ran_with)
    with _room_for_mapping(asked) as mapping:
        step = _step(asked, inputs, mapping)
        claims = check_step(step, declared)
        statements = _statements(step.outputs, claims, replaced)
        published = publish(statements, statement, registry, key)
    _write_indexes(asked.outputs, step.outputs)
    if as_json:
        output.answer_json(_as_object(asked.operation, claims, inputs, published))
    else:
        _answer(claims, inputs)
        answer_published(published, statement)
        _note_declared(claims[0])
    return EXIT_YES


_STEP_OPTIONS = tuple(name for name in Asked.__slots__ if name not in ("reading", "labelled"))


def _check_names(asked: Asked) -> None:
    """Before a long reading, not after it. Raises UsageError."""
    for name in asked.names:
        check_name(name)
    if len(asked.names) != len(asked.outputs):
        raise UsageError(
            f"{len(asked.names)} names for {len(asked.outputs)} outputs",
            help="give a --name for each --out, in order",
        )


@contextmanager
def _room_for_mapping(asked: Asked) -> Iterator[Path]:
    """Where the mapping of rows in order is written; it gets its name when the step holds, else it goes."""
    from modelward.data.address import beside

    place = beside(asked.outputs[0], ".mapping.parquet")
    new = place.with_name(f".{place.name}")
    try:
        yield new
        if asked.in_order:
            new.replace(place)
    finally:
        new.unlink(missing_ok=True)


def _step(asked: Asked, inputs: Sequence[Input], mapping: Path) -> Step:
    """Read the outputs and what the operation needs to know. Raises UsageError, InputError."""
    from modelward.data.operations.step import Step

    reasons = replace(asked.reading, label=(asked.reason_column,) if asked.reason_column else ())
    results = tuple(
        taken_from(path, name, asked.labelled) for path, name in zip(asked.outputs, asked.names, strict=True)
    )
    dropped = taken_from(asked.dropped, asked.names[0], reasons) if asked.dropped else None
    before = tuple(given.index for given in inputs)
    return Step(
        asked.operation,
        before,
        results,
        dropped,
        _details(asked, before, results, mapping),
        {given.index.subject: given.snapshot for given in inputs if given.snapshot},
    )


def _details(asked: Asked, before: Sequence[Index], results: Sequence[Index], place: Path) -> Details:
    from modelward.data.operations.mapping import RowMapping, in_order
    from modelward.data.operations.step import Details

    mapping = RowMapping.read(asked.mapping) if asked.mapping else None
    if asked.in_order:
        if mapping is not None:
            raise UsageError(
                "--mapping and --in-order both say which row became which", help="give one of them"
            )
        mapping = in_order(before, results[0], place)
    persons = []
    for text in asked.whose:
        column, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--whose {text!r} has no '='", help="write it as COLUMN=VALUE")
        persons.append((column, value))
    return Details(
        columns=asked.columns,
        reason_column=asked.reason_column,
        mapping=mapping,
        key=asked.key_column,
        fan_out=asked.fan_out,
        persons=tuple(persons),
        rows=_row_digests(asked.rows) if asked.rows else frozenset(),
    )


def _row_digests(path: Path) -> frozenset[bytes]:
    """Row digests, a line each. Raises InputError."""
    from modelward.cli.public_key import read_capped
    from modelward.core.digest import Digest

    lines = read_capped(path, _MAX_ROWS_FILE).decode("ascii", "replace").split()
    try:
        return frozenset(Digest("sha256", line.removeprefix("sha256:")).raw for line in lines)
    except InputError as error:
        raise InputError(f"not a row digest: {error.message}", where=str(path)) from None


def _statements(
    results: Sequence[Index], claims: Sequence[Claim], replaced: Sequence[str]
) -> list[Statement]:
    from modelward.attest.predicates import Custody, Snapshot

    snapshots = [
        statement_of(result.name, result.subject, Snapshot, result.predicate()) for result in results
    ]
    return snapshots + [
        statement_of(claim.name, claim.subject, Custody, claim.predicate | {"supersedes": replaced})
        for claim in claims
    ]


def _write_indexes(places: Sequence[Path | str], results: Sequence[Index]) -> None:
    from modelward.data.index import default_path

    for place, result in zip(places, results, strict=True):
        result.write(default_path(place))


def _answer(claims: Sequence[Claim], inputs: Sequence[Input]) -> None:
    from modelward.data.declaration import Declaration

    for claim in claims:
        rows = claim.predicate["rows"]
        output.answer(f"custody of {escape(claim.name)} ({claim.subject})")
        output.answer(f"  {claim.predicate['operation']}, {claim.predicate['claim']}")
        output.answer(f"  rows  {rows['input']:,} in, {rows['output']:,} out, {rows['dropped']:,} dropped")
        for reason, count in claim.predicate.get("reasons", {}).items():
            output.answer(f"    {count:,} {escape(reason) or 'no reason given'}")
    answer_inputs(inputs)
    said = [name for name in Declaration.__struct_encode_fields__ if name in claims[0].predicate]
    if said:
        output.answer(f"  declared: {', '.join(said)}")


def _note_declared(claim: Claim) -> None:
    operation, grade = claim.predicate["operation"], claim.predicate["claim"]
    if grade == "declared":
        output.note(f"not checked: rows cannot bear out a {operation}; this is the signer's word")
    if grade == "mapped":
        output.note("not checked: what became of each row; that every row is accounted for was checked")


def _as_object(
    operation: str, claims: Sequence[Claim], inputs: Sequence[Input], published: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "operation": operation,
        "inputs": [
            {
                "name": given.index.name,
                "subject": str(given.index.subject),
                "snapshot": str(given.snapshot) if given.snapshot else None,
                "signedBy": given.signer or None,
            }
            for given in inputs
        ],
        "claims": [
            {"subject": str(subject), "claim": predicate["claim"], "rows": predicate["rows"]}
            for _, subject, predicate in claims
        ],
        "statements": published,
    }
