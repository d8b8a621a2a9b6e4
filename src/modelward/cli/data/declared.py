"""What a person says about a step, from the command line and from a TOML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli.data.options import PATH, parse_pairs
from modelward.core.errors import UsageError

if TYPE_CHECKING:
    from modelward.data.declaration import Declaration, Thing

_OPTIONS = (
    click.option("--source", metavar="URI", help="Where collected data came from."),
    click.option("--channel", default="", help="How it came: feedback, transcript, crawl, synthetic…"),
    click.option("--fetched-at", metavar="TIME", help="When it was fetched, as 2026-11-22T09:14:00Z."),
    click.option("--contributor", default="", help="Who gave it: a pseudonym."),
    click.option("--generator", metavar="PATH", type=PATH, help="The model that made synthetic rows."),
    click.option("--prompts", metavar="PATH", type=PATH, help="The prompts that it was given."),
    click.option("--tool", metavar="PATH", type=PATH, help="The program that did it."),
    click.option("--code", metavar="PATH", multiple=True, type=PATH, help="Code that it ran."),
    click.option("--parameter", metavar="KEY=VALUE", multiple=True, help="A parameter of the program."),
    click.option("--annotator", default="", help="Who set the labels: a pseudonym or a team."),
    click.option("--licence", "--license", default="", help="The licence of the data."),
    click.option("--consent", default="", help="On what consent it was collected."),
    click.option("--personal-data", default="", help="What personal data it holds: none, pseudonymous…"),
    click.option("--notes", default="", help="What a reviewer should know."),
    click.option(
        "--declare",
        metavar="FILE",
        type=PATH,
        help="TOML with these and rarer fields (docs/data.md); options stand before it.",
    ),
)


def declaring(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a declaration; it gets them as keywords, for `declaration`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def declaration(*, declare: Path | None, **said: Any) -> Declaration:
    """What the options and the file say. Raises UsageError, InputError."""
    import msgspec

    from modelward.data.declaration import Declaration, read_declaration

    base = read_declaration(declare) if declare else Declaration()
    plain = ("annotator", "licence", "consent", "personal_data", "notes")
    fields: dict[str, Any] = {name: said[name] for name in plain if said[name]}
    fields |= {
        "source": _source(base, said),
        "generator": _generator(base, said["generator"], said["prompts"]),
        "tool": _thing(said["tool"]) if said["tool"] else base.tool,
        "code": (*base.code, *(_thing(path) for path in said["code"])),
        "parameters": base.parameters | parse_pairs(said["parameter"], "--parameter", "KEY=VALUE"),
    }
    return msgspec.structs.replace(base, **fields)


def _source(base: Declaration, said: dict[str, Any]) -> Any:
    import msgspec

    from modelward.data.declaration import Source

    more = {name: said[name] for name in ("channel", "fetched_at", "contributor") if said[name]}
    if said["source"] is not None:
        more["uri"] = said["source"]
        return msgspec.structs.replace(base.source, **more) if base.source else Source(**more)
    if not more:
        return base.source
    if base.source is None:
        raise UsageError(
            "--channel, --fetched-at and --contributor say more about a --source", help="add --source URI"
        )
    return msgspec.structs.replace(base.source, **more)


def _generator(base: Declaration, model: Path | None, prompts: Path | None) -> Any:
    import msgspec

    from modelward.data.declaration import Generator

    more: dict[str, Any] = {
        name: _thing(path) for name, path in (("model", model), ("prompts", prompts)) if path
    }
    if not more:
        return base.generator
    if base.generator is not None:
        return msgspec.structs.replace(base.generator, **more)
    if model is None:
        raise UsageError("--prompts were given to a model", help="add --generator PATH")
    return Generator(**more)


def _thing(path: Path) -> Thing:
    from modelward.artifact.hashing import digest_of
    from modelward.data.declaration import Thing

    return Thing.of(path.resolve().name, digest_of(path))
