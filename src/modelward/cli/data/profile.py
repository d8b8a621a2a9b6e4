"""`modelward data profile`: what a dataset is like, before anything is trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import (
    JSON,
    KEY,
    PATH,
    REGISTRY,
    SUPERSEDES,
    TYPES,
    check_name,
    parse_digests,
    parse_types,
)
from modelward.cli.data.publishing import (
    answer_published,
    check_destination,
    publish,
    statement_of,
)
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.data.profile.facts import Profile
    from modelward.data.profile.profile import Options


@click.command()
@click.argument("path", metavar="PATH")
@click.option(
    "--against",
    metavar="DATA",
    multiple=True,
    help="An evaluation set, or a split of PATH, whose rows must not be among the others.",
)
@click.option("--former", metavar="DATA", help="The former dataset, or its profile as written by --json.")
@click.option("--label", metavar="COLUMN", help="The column of labels (default: `label`, if there is one).")
@click.option("--attribute", metavar="COLUMN", multiple=True, help="Compare labels between its groups.")
@click.option("--text", metavar="COLUMN", multiple=True, help="A column of text (default: found).")
@click.option("--region", metavar="CODE", multiple=True, help="Find telephone numbers as written there: GB.")
@click.option("--licence", "--license", default="", help="The licence of the data, as declared.")
@click.option("--no-near", is_flag=True, help="Leave out near-duplicates, which take the most time.")
@TYPES
@click.option("--engine", metavar="ENGINE", help="Where the work is done: local, local:N or tcp://HOST:PORT.")
@click.option("--html", metavar="FILE", type=PATH, help="Write the report as a page.")
@click.option("--name", metavar="NAME", help="The dataset's name; signs and publishes the figures.")
@SUPERSEDES
@click.option("--out", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing.")
@REGISTRY
@KEY
@JSON
def profile(
    path: str,
    former: str | None,
    engine: str | None,
    html: Path | None,
    name: str | None,
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Say what a dataset is like: missing values, labels, copies, overlap, personal data, drift.

    What is past its threshold is a warning. Personal data is counted and placed, never printed. With --name
    the figures, and nothing of the rows, become a signed statement that a policy can bound.
    """
    from modelward.cli.progress import progress
    from modelward.data.profile.former import profiled
    from modelward.data.profile.profile import take

    if name is not None:
        check_name(name)
        check_destination(out, registry)
    elif out or supersedes:
        raise UsageError("a statement needs the dataset's name", help="add --name NAME")
    options = _options(**wanted)
    before = profiled(former, options, progress("reading the former data")) if former else None
    bar = progress(f"reading {Path(path).name}")
    with _engine(engine) as workers:
        found = take(path, name or "", options, former=before, progress=bar, engine=workers)
    if html is not None:
        _write_page(html, found)
    published = _publish(found, supersedes, out, registry, key) if name else []
    if as_json:
        import msgspec

        output.answer_json({"profile": msgspec.to_builtins(found), "statements": published})
        return
    from modelward.render.profile import lines

    for line in lines(found):
        output.answer(line)
    if html is not None:
        output.answer(f"page written to {escape(str(html))}")
    answer_published(published, out)


def _options(
    *,
    against: tuple[str, ...],
    label: str | None,
    attribute: tuple[str, ...],
    text: tuple[str, ...],
    region: tuple[str, ...],
    licence: str,
    no_near: bool,
    types: tuple[str, ...],
) -> Options:
    from modelward.data.profile.personal import check_regions
    from modelward.data.profile.profile import Options
    from modelward.data.profile.view import Plan

    if attribute and label is None:
        label = "label"
    regions = check_regions(region)
    plan = Plan(text=text, label=label, attributes=attribute, regions=regions, near=not no_near)
    return Options(plan, parse_types(types), against, licence)


def _engine(setting: str | None) -> Any:
    from modelward.data import engine

    return engine.connect(setting) if setting else engine.Inline()


def _publish(
    found: Profile, supersedes: tuple[str, ...], out: Path | None, registry: Path | None, key: str | None
) -> list[dict[str, Any]]:
    from modelward.attest.predicates import Profile as Predicate
    from modelward.core import instant
    from modelward.core.digest import Digest
    from modelward.data.profile.figures import predicate

    stamped = {"profiledAt": instant.render(instant.now()), "supersedes": parse_digests(supersedes)}
    statement = statement_of(found.name, Digest.parse(found.subject), Predicate, predicate(found) | stamped)
    return publish([statement], out, registry, key)


def _write_page(path: Path, found: Profile) -> None:
    from modelward.core import atomic
    from modelward.render.profile_html import page

    try:
        atomic.write_bytes(path, page(found).encode("utf-8"))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None
