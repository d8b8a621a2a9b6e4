"""`modelward scan`: examine models before anything loads them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.core.errors import EXIT_CANNOT_TELL, InputError, UsageError

if TYPE_CHECKING:
    from modelward.render.examined import Examined
    from modelward.scan.engine import Report
    from modelward.scan.settings import ScanSettings

_BYTES = click.IntRange(min=1)


@click.command("scan")
# click would refuse all paths for one that it may not read
@click.argument(
    "paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(allow_dash=True, readable=False)
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "sarif", "html"]),
    default="text",
    show_default=True,
    help="How to print the report.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "-o",
    "--output",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Write the report there, and print it as text.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print the result line only.")
@click.option("-v", "--verbose", is_flag=True, help="List every file and member, examined or not.")
@click.option(
    "--fail-on",
    type=click.Choice(["malicious", "unverified", "incomplete"]),
    default="incomplete",
    show_default=True,
    help="Exit with 0 if the verdict is better than this.",
)
@click.option("--digest", is_flag=True, help="Hash what is examined, and name its digest in the report.")
@click.option("--max-bytes", type=_BYTES, help="How much of - to read [default: 16 GiB].")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Suppressions and pins from this file, wherever it lies.",
)
@click.option("--sign", is_flag=True, help="Sign the report as a scanner, and publish it to the registry.")
@click.option("--supersedes", multiple=True, metavar="ID", help="With --sign: a scan that this one replaces.")
@click.option("--registry", type=click.Path(path_type=Path), help="With --sign: the registry's directory.")
@click.option("--key", help="With --sign: the signer's URI (default: your identity).")
def scan(paths: tuple[str, ...], fail_on: str, **options: Any) -> int:
    """Examine each PATH without loading or running anything in it.

    PATH is a file, a directory, - for what comes on standard input, or the address of remote files, of which
    only the parts that matter are fetched: hf://ORG/NAME[@REVISION][/FILE], s3://, gs:// or az://BUCKET/KEY,
    oci://HOST/REPOSITORY:TAG, https://HOST/FILE.

    The verdict is the worst of: malicious (exit 1), unverified (1), incomplete (2), clean (0). What
    could not be examined is listed and is never clean. A path that cannot be read does not keep the others
    from being examined.
    """
    from modelward.core.finding import Verdict
    from modelward.render.examined import exit_code, together

    configuration = _Configuration(options["config"])
    if options["as_json"] and options["style"] not in ("text", "json"):
        raise UsageError(f"--json contradicts --format {options['style']}", help="give one of them")
    for name in ("supersedes", "registry", "key"):
        if options[name] and not options["sign"]:
            raise UsageError(f"--{name} says how to sign", help="give --sign too")
    results: list[tuple[str, Report]] = []
    unreadable: list[InputError] = []
    for path in paths:
        settings = configuration.settings(path)
        try:
            results.append((path, _examine(path, settings, options)))
        except InputError as error:
            unreadable.append(error)
    for problem in unreadable:
        output.error(problem)
    if not results:
        return EXIT_CANNOT_TELL
    for line in configuration.idle(results):
        output.note(f"note: {line}")
    examined = together(results)
    code = exit_code(examined, Verdict(fail_on)) or (EXIT_CANNOT_TELL if unreadable else 0)
    _print(examined, code, options)
    if options["sign"]:
        _publish(results, **{name: options[name] for name in ("supersedes", "registry", "key")})
    return code


class _Configuration:
    """The suppressions and pins of the working directory's project, or of the file that `--config` names.

    Whoever made the files that are examined must not say what is shown of them: a configuration that lies
    within a path is not read for that path.
    """

    def __init__(self, named: Path | None) -> None:
        from modelward.cli.config import config_file

        self.path = named or config_file()
        self.named = named is not None
        self._settings: ScanSettings | None = None
        if named is not None and not named.is_file():
            raise UsageError("there is no such file", where=str(named), help="name a modelward.toml")

    def settings(self, examined: str) -> ScanSettings:
        """What holds for the path that is examined. Raises InputError."""
        from modelward.render.examined import REMOTE
        from modelward.scan.settings import NONE, parse

        if self.path is None or REMOTE.match(examined):
            return NONE
        if not self.named and _within(self.path, examined):
            if self.path.name != "pyproject.toml" or b"tool.modelward" in self.path.read_bytes():
                output.note(
                    f"note: {self.path} lies in what is examined, so what it says about scans is not read;"
                    f" --config {self.path} takes it all the same"
                )
            return NONE
        if self._settings is None:
            from modelward.cli.config import load_config

            config = load_config(self.path)
            self._settings = parse(config.suppress, config.scan, str(self.path))
        return self._settings

    def idle(self, results: Sequence[tuple[str, Report]]) -> Iterator[str]:
        """What to tell of settings that changed nothing."""
        if self._settings:
            from modelward.scan.suppress import idle

            used = frozenset().union(*(result.used for _, result in results))
            yield from idle(self._settings, used)


def _within(path: Path, folder: str) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _examine(path: str, settings: ScanSettings, options: dict[str, Any]) -> Report:
    """Examine one path. Raises InputError."""
    from modelward.cli.progress import progress
    from modelward.render.examined import REMOTE, STDIN, STDIN_NAME
    from modelward.scan import engine

    digest = options["digest"] or options["sign"]
    if path == STDIN:
        limit = options["max_bytes"] or engine.MAX_STREAM_BYTES
        return engine.scan_stream(
            sys.stdin.buffer, name=STDIN_NAME, max_bytes=limit, digest=digest, settings=settings
        )
    if REMOTE.match(path):
        if digest:
            raise InputError(
                "the digest of remote files is not checked, so there is nothing to sign or to name",
                where=path,
                help="fetch it, and scan what you fetched",
            )
        from modelward.integrations.remote import find

        return engine.scan_remote(find(path), progress=progress(path))
    if not os.path.lexists(path):
        raise InputError("there is no such file or directory", where=path or "''", help="check the path")
    return engine.scan(path, digest=digest, settings=settings, progress=progress(path))


def _publish(
    results: Sequence[tuple[str, Report]],
    supersedes: tuple[str, ...],
    registry: Path | None,
    key: str | None,
) -> None:
    from modelward.cli.scan_statement import publish_scan

    for path, result in results:
        published = publish_scan(path, result, supersedes, registry, key)
        verdict = result.everything.verdict.value
        output.note(f"signed {verdict} as {published.id}, log entry {published.index}")


def _print(examined: Sequence[Examined], code: int, options: dict[str, Any]) -> None:
    """Print the report, or write it to the file that was named and print it as text."""
    from modelward.render.examined import worst

    style = "json" if options["as_json"] else options["style"]
    if options["file"] is not None:
        from modelward.core import atomic

        report = _rendered(examined, code, style, options)
        atomic.write_bytes(options["file"], report.encode("utf-8") + b"\n" * (report[-1] != "\n"))
        style = "text"
    if style == "text" and options["quiet"]:
        from modelward.render import text

        output.answer(text.result(worst(examined), code))
    else:
        output.answer(_rendered(examined, code, style, options))


def _rendered(examined: Sequence[Examined], code: int, style: str, options: dict[str, Any]) -> str:
    from modelward.core import strict_json

    if style == "json":
        from modelward.render import json

        return strict_json.dumps(json.report(examined, code)).decode("utf-8")
    if style == "sarif":
        from modelward.render import sarif

        return strict_json.dumps(sarif.report(examined, code)).decode("utf-8")
    if style == "html":
        from modelward.render import html

        return html.report(examined, code)
    from modelward.render import text

    return text.report(examined, code, ledger=options["verbose"])
