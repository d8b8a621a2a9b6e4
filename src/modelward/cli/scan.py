"""`modelward scan`: examine models before anything loads them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_YES, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelward.render.examined import Examined
    from modelward.scan.engine import ScanResult


@click.command("scan")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How to print the report.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-q", "--quiet", is_flag=True, help="Print the result line only.")
@click.option("--sign", is_flag=True, help="Sign the report as a scanner, and publish it to the registry.")
@click.option("--supersedes", multiple=True, metavar="ID", help="With --sign: a scan that this one replaces.")
@click.option("--registry", type=click.Path(path_type=Path), help="With --sign: the registry's directory.")
@click.option("--key", help="With --sign: the signer's URI (default: your identity).")
def scan(
    paths: tuple[str, ...], style: str, as_json: bool, quiet: bool, sign: bool, **publishing: Any
) -> int:
    """Examine each PATH, a file or a directory, without loading or running anything in it.

    The verdict is the worst of: malicious (exit 1), unverified (1), incomplete (2), clean (0). What
    could not be examined is listed and is never clean. A path that cannot be read does not keep the others
    from being examined.
    """
    from modelward.cli.progress import progress
    from modelward.render.examined import together, worst
    from modelward.scan.engine import scan as examine

    results: list[tuple[str, ScanResult]] = []
    unreadable: list[InputError] = []
    for path in paths:
        try:
            if not os.path.lexists(path):
                raise InputError("there is no such file or directory", where=path, help="check the path")
            results.append((path, examine(path, progress=progress(path))))
        except InputError as error:
            unreadable.append(error)
    for problem in unreadable:
        output.error(problem)
    if not results:
        return EXIT_CANNOT_TELL
    examined = together(results)
    _print(examined, "json" if as_json else style, quiet)
    if sign:
        _publish(results, **publishing)
    return worst(examined).exit_code or (EXIT_CANNOT_TELL if unreadable else EXIT_YES)


def _publish(
    results: Sequence[tuple[str, ScanResult]],
    supersedes: tuple[str, ...],
    registry: Path | None,
    key: str | None,
) -> None:
    from modelward.cli.scan_statement import publish_scan

    for path, result in results:
        published = publish_scan(path, result, supersedes, registry, key)
        output.note(f"signed {result.report.verdict.value} as {published.id}, log entry {published.index}")


def _print(examined: Sequence[Examined], style: str, quiet: bool) -> None:
    from modelward.render import json, sarif, text
    from modelward.render.examined import worst

    if style == "json":
        output.answer_json(json.report(examined))
    elif style == "sarif":
        output.answer_json(sarif.report(examined))
    else:
        output.answer(text.result(worst(examined)) if quiet else text.report(examined))
