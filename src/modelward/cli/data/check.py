"""`modelward data check`: looks for poisoned rows in a batch, against trusted history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.check_options import columns_named, columns_of, decisions, has_registry
from modelward.cli.data.feed_state import FeedState
from modelward.cli.data.options import (
    ENGINE,
    KEY,
    KEYED,
    LEAF_KEY,
    PATH,
    PLACE,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    parse_digests,
    read_options,
)
from modelward.cli.data.publishing import check_destination, publish, statement_of
from modelward.core.errors import InputError, Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.attest.statement import Statement
    from modelward.data.checks.document import Document
    from modelward.data.checks.examine import Given
    from modelward.data.options import Options as Reading


def _explain(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        from modelward.render.checks_manual import page

        output.answer(page(value))
        ctx.exit()


@click.command()
@click.argument("place", metavar="PLACE", type=PLACE)
@click.option(
    "--history",
    metavar="PLACE|INDEX",
    multiple=True,
    type=PLACE,
    help="Trusted data to compare with; an index is held against the data beside it.",
)
@columns_named
@TYPES
@KEYED
@LEAF_KEY
@click.option("--only", metavar="CHECK", multiple=True, help="Run this check (default: all).")
@click.option("--explain", metavar="CHECK", is_eager=True, expose_value=False, callback=_explain,
              help="Say what a check looks for, and stop.")  # fmt: skip
@click.option("--level", type=click.FloatRange(0, 0.5, min_open=True), default=0.01, show_default=True,
              help="The share of false ones among findings that is put up with.")  # fmt: skip
@click.option("--strict", is_flag=True, help="Hold it whatever the tests have to do with each other.")
@click.option("--feed", metavar="NAME", help="The feed that this is the next batch of; with --state.")
@click.option("--state", metavar="FILE", type=PATH, help="What is known of the feed's contributors.")
@ENGINE
@click.option("--format", "style", type=click.Choice(["text", "json", "sarif"]), default="text",
              show_default=True, help="How to print the report.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--html", metavar="FILE", type=PATH, help="Write the report as a page.")
@click.option("--report", metavar="FILE", type=PATH,
              help="Write the report, for `data quarantine` (with --name: PLACE.check.json).")  # fmt: skip
@click.option("--name", metavar="NAME", help="The dataset's name; signs and publishes the result.")
@click.option("--disclose", is_flag=True, help="Name the triggers in the statement, in words of the data.")
@SUPERSEDES
@click.option("--out", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing.")
@REGISTRY
@KEY
def check(
    place: Path | str,
    history: tuple[Path | str, ...],
    types: tuple[str, ...],
    keyed: tuple[str, ...],
    leaf_key: Path | None,
    style: str,
    as_json: bool,
    registry: Path | None,
    **said: Any,
) -> int:
    """Look for poisoned rows: triggers that go with a behaviour, hidden text, wrong labels, odd contributors.

    Exit code 0: nothing to act on was found; 1: findings that are critical or to review; 2: could not tell.
    What could not have been found is said each time. Findings that were decided benign (`data review`) stay
    quiet where a registry is named, for exactly these rows.
    """
    from modelward.cli.progress import progress
    from modelward.data.checks.examine import decided, examine

    _check_options(said, registry)
    columns = columns_of(types, said)
    options = _options(said)
    batch, past = _given(
        place, history, said["name"] or "data", read_options(types, keyed, leaf_key), registry
    )
    feed = FeedState.open(said["feed"], said["state"], batch.index.subject, registry)
    options = feed.known_to(options)
    document, state = examine(batch, past, columns, options, progress)
    if has_registry(registry):
        from modelward.cli.publish import open_registry

        with open_registry(registry) as opened:
            document = decided(document, decisions(opened, document))
    _write(document, place, said)
    published = _publish(document, feed, state, registry, said)
    _answer(document, place, "json" if as_json else style)
    for entry in published:
        output.note(f"statement {entry['id']}, log entry {entry['index']}")
    return document.exit_code


def _check_options(said: dict[str, Any], registry: Path | None) -> None:
    """Before a long reading, not after it. Raises UsageError."""
    if said["name"] is not None:
        check_name(said["name"])
        check_destination(said["out"], registry)
    elif said["out"] or said["supersedes"] or said["disclose"]:
        raise UsageError("a statement needs the dataset's name", help="add --name NAME")


def _options(said: dict[str, Any]) -> Any:
    from modelward.data.checks.batch import Options
    from modelward.data.checks.run import module

    for name in said["only"]:
        module(name)
    return Options(level=said["level"], strict=said["strict"], checks=tuple(said["only"]))


def _given(
    place: Path | str, history: Sequence[Path | str], name: str, reading: Reading, registry: Path | None
) -> tuple[Given, list[Given]]:
    """The batch and its history, read and held against what was signed about them."""
    from modelward.cli.data.attested import is_index, read_inputs
    from modelward.data.checks.examine import Given

    if is_index(place):
        raise UsageError("an index has no rows to look at", where=str(place), help="name the data")
    data = [_beside(path) if is_index(path) else path for path in history]
    found = []
    for path, read, asked in zip(
        (place, *data), read_inputs([place, *data], name, reading, registry), (place, *history), strict=True
    ):
        if is_index(asked):
            _require_same(asked, read.index.set_root)
        found.append(Given(path, read.index, read.snapshot, read.signer))
    return found[0], found[1:]


def _beside(index: Path) -> Path:
    from modelward.cli.data.attested import INDEX_SUFFIX

    path = index.with_name(index.name.removesuffix(INDEX_SUFFIX))
    if not path.exists():
        raise InputError(
            f"the data is not beside its index: there is no {path.name}",
            where=str(index),
            help="the checks read words, which an index does not hold; name the data",
        )
    return path


def _require_same(index: Path, found: Any) -> None:
    from modelward.data.index_file import open_index

    with open_index(index) as expected:
        if expected.set_root != found:
            raise Rejected(
                "the data beside it has other rows",
                where=str(index),
                help="modelward data verify names them",
            )


def _write(document: Document, place: Path | str, said: dict[str, Any]) -> None:
    from modelward.core import atomic
    from modelward.data.address import beside

    if said["report"] is None and said["name"] is not None:
        said["report"] = beside(place, ".check.json")
    pages = {said["report"]: document.to_bytes()} if said["report"] else {}
    if said["html"]:
        from modelward.render.data_check_html import page

        pages[said["html"]] = page(document).encode("utf-8")
    for path, data in pages.items():
        try:
            atomic.write_bytes(path, data)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _publish(
    document: Document, feed: FeedState, state: bytes, registry: Path | None, said: dict[str, Any]
) -> list[dict[str, Any]]:
    statements: list[Statement] = [_statement(document, said)] if said["name"] is not None else []
    if said["out"] is not None or has_registry(registry):
        statements += feed.statements(document, state)
    feed.write(state)
    published = publish(statements, said["out"], registry, said["key"]) if statements else []
    feed.keep(state)
    return published


def _statement(document: Document, said: dict[str, Any]) -> Statement:
    from modelward.attest.predicates import DataCheck
    from modelward.core import instant
    from modelward.core.digest import Digest
    from modelward.data.checks.document import predicate

    report = Digest.sha256(document.to_bytes())
    made = predicate(document, said["name"], report, disclose=said["disclose"])
    stamped = {"checkedAt": instant.render(instant.now()), "supersedes": parse_digests(said["supersedes"])}
    return statement_of(document.data.name, Digest.parse(document.data.digest), DataCheck, made | stamped)


def _answer(document: Document, place: Path | str, style: str) -> None:
    if style == "json":
        output.answer(document.to_bytes().decode("utf-8"))
        return
    if style == "sarif":
        from modelward.render.data_check_sarif import report

        output.answer_json(report(document, str(place)))
        return
    from modelward.render.data_check import lines

    for line in lines(document):
        output.answer(line)
    for words in _next(document, place):
        output.note(words)


def _next(document: Document, place: Path | str) -> list[str]:
    """What to do now."""
    if document.verdict != "findings":
        return []
    where = escape(str(place))
    critical = document.of("critical")
    said = ["help: modelward data review FINDING poison|benign|unsure --reason … decides about one"]
    if critical:
        said.append(
            f"help: modelward data quarantine {where} --report FILE -o CLEAN --excluded OUT leaves them out"
        )
    return said
