"""The reference page of the command line, written from the commands themselves.

`make docs` writes it to docs/cli.md; a test fails when it is stale.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from modelward.cli.app import modelward
from modelward.cli.config import SETTINGS
from modelward.core import errors
from modelward.core.finding import Verdict

WIDTH = 96

_EXIT_CODES = {
    errors.EXIT_YES: "yes: everything asked for was examined, and holds",
    errors.EXIT_NO: "no: it was examined, and does not hold",
    errors.EXIT_CANNOT_TELL: "could not tell: bad or missing input, a bound passed, a mistake in the command",
    errors.EXIT_INTERRUPTED: "interrupted from the keyboard",
}

#: Every environment variable that modelward reads; a test compares this with the source.
ENVIRONMENT = {
    "MODELWARD_HOME": "where keys, identity, pins and kept state are; `~/.config/modelward` without it",
    "MODELWARD_REGISTRY": "the registry; wins over modelward.toml, and `--registry` over it",
    "MODELWARD_DATA_ENGINE": "who works on datasets; wins over modelward.toml, and `--engine` over it",
    "MODELWARD_CONTAINER": "the digest of the container image that a step runs in, if nothing else tells it",
    "MODELWARD_PASSPHRASE": "unlocks a key file, in place of the prompt",
    "MODELWARD_PROBE_KEY": "the key of a chat endpoint that is probed; `--key-env` names another variable",
    "MODELWARD_PIN": "unlocks a PKCS#11 token, in place of the prompt",
}


def render() -> str:
    """The whole page, as Markdown."""
    return "\n".join((*_head(), *_exit_codes(), *_environment(), *_settings(), *_commands()))


def commands(within: click.Context | None = None) -> Iterator[click.Context]:
    """A context for every command, in the order of the help; a group comes before its members."""
    parent = within or _context(modelward, "modelward", None)
    group = parent.command
    if not isinstance(group, click.Group):
        return
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        if command is None:
            raise LookupError(f"{parent.command_path} lists {name} and does not have it")
        context = _context(command, name, parent)
        yield context
        yield from commands(context)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, parent, info_name=name, terminal_width=WIDTH, **command.context_settings)


def _head() -> Iterator[str]:
    yield "# Command line"
    yield ""
    yield "<!-- Written by `make docs` from src/modelward/cli; edit the commands, not this page. -->"
    yield ""
    yield "The answer is on standard output, everything else on standard error, and the text is the same with"
    yield "and without a terminal. `python -m modelward` is the same program as `modelward`."
    yield ""


def _settings() -> Iterator[str]:
    yield "## Settings"
    yield ""
    yield "`modelward.toml` of the working directory, or else `[tool.modelward]` of its `pyproject.toml`."
    yield "Parent directories are not searched, and unknown settings are errors."
    yield ""
    yield "| setting | meaning |"
    yield "| --- | --- |"
    for name, meaning in sorted(SETTINGS.items()):
        yield f"| `{name}` | {meaning} |"
    yield ""


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes"
    yield ""
    yield "| code | meaning |"
    yield "| --- | --- |"
    for code, meaning in sorted(_EXIT_CODES.items()):
        yield f"| {code} | {meaning} |"
    yield ""
    yield "Where several hold, 1 beats 2. An examination ends with the code of its verdict:"
    yield ""
    yield "| verdict | code |"
    yield "| --- | --- |"
    for verdict in Verdict:
        yield f"| {verdict.value} | {verdict.exit_code} |"
    yield ""


def _environment() -> Iterator[str]:
    yield "## Environment"
    yield ""
    yield "| variable | meaning |"
    yield "| --- | --- |"
    for name, meaning in ENVIRONMENT.items():
        yield f"| `{name}` | {meaning} |"
    yield ""


def _commands() -> Iterator[str]:
    for context in commands():
        yield f"## {context.command_path}"
        yield ""
        yield "```text"
        yield context.get_help()
        yield "```"
        yield ""
