"""`modelward bom`: what is known of a model, who says so, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.core.errors import EXIT_NO, EXIT_YES, InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.bom.completeness import Missing
    from modelward.bom.model import Bom

_MAX_SHOWN = 120
_REGISTRY = click.option(
    "--registry", metavar="DIR", type=click.Path(path_type=Path), help="The registry that holds the model."
)
_STAGES = ("register", "staging", "production", "deploy")


@click.group("bom")
def bom() -> None:
    """Show the Model BOM of a version or a directory, and check that it is complete."""


@bom.command("show")
@click.argument("model", metavar="MODEL@VERSION|PATH")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "cyclonedx"]),
    default="text",
    help="What to write: a table, one JSON object of graded fields, or CycloneDX 1.6.",
)
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@_REGISTRY
def show(model: str, form: str, as_json: bool, registry: Path | None) -> None:
    """Show every field that is known, its grade and who says so.

    Of a PATH only what its bytes and its cards tell is known; of MODEL@VERSION also what the registry's
    verified statements tell.
    """
    from modelward.bom.cyclonedx import to_cyclonedx

    made = _bom_of(model, registry)
    if as_json or form == "json":
        output.answer_json(_json(made))
    elif form == "cyclonedx":
        output.answer_json(to_cyclonedx(made))
    else:
        _table(made)


@bom.command("check")
@click.argument("model", metavar="MODEL@VERSION|PATH")
@click.option("--stage", type=click.Choice(_STAGES), default="register", help="The gate that the BOM is for.")
@click.option("--require", metavar="ID", multiple=True, help="Fields to require instead, such as MDL-12.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_REGISTRY
def check(model: str, stage: str, require: tuple[str, ...], as_json: bool, registry: Path | None) -> int:
    """Say which required fields are filled and how to fill the others. Exit 1 if any is missing.

    PATH may also be a CycloneDX file that `modelward bom show --format cyclonedx` wrote.
    """
    from modelward.bom.completeness import missing
    from modelward.bom.fields import required_at

    document = _document(model, registry)
    required = tuple(dict.fromkeys(require)) or required_at(stage)
    lacking = missing(document, required)
    if as_json:
        output.answer_json(
            {
                "complete": not lacking,
                "required": list(required),
                "missing": [{"id": m.id, "title": m.title, "fill": m.how_to_fill} for m in lacking],
            }
        )
    else:
        _report(required, lacking)
    return EXIT_NO if lacking else EXIT_YES


def _document(model: str, registry: Path | None) -> dict[str, Any]:
    """The CycloneDX document to check: read from a file that is one, else made."""
    from modelward.bom.cyclonedx import to_cyclonedx
    from modelward.core import strict_json

    path = Path(model)
    if path.is_file() and path.suffix == ".json":
        try:
            value = strict_json.loads(path.read_bytes(), what="the BOM")
        except OSError as error:
            raise InputError(f"cannot read it: {error.strerror}", where=model) from error
        if not isinstance(value, dict) or value.get("bomFormat") != "CycloneDX":
            raise InputError("this is not a CycloneDX document", where=model, help="name a BOM or a model")
        return value
    return to_cyclonedx(_bom_of(model, registry))


def _bom_of(model: str, registry: Path | None) -> Bom:
    """The BOM of a path if there is one, else of NAME@VERSION in the registry."""
    path = Path(model)
    if path.exists():
        return _of_path(path)
    name, at, number = model.partition("@")
    if not at or not number.isdecimal() or len(number) > 9:
        raise UsageError("no such path, and not NAME@VERSION", where=model, help="for example fraud-scorer@7")
    from modelward.bom.build import review_bom
    from modelward.cli.publish import open_registry

    with open_registry(registry) as opened:
        version = opened.version(name, int(number))
        artifact = version.artifact
        return review_bom(
            version.model,
            version.version,
            opened.manifest(artifact),
            opened.evidence([artifact]).facts(),
            lambda file: opened.read_file(artifact, file),
        )


def _of_path(path: Path) -> Bom:
    from modelward.artifact.hashing import hash_file, hash_tree
    from modelward.artifact.manifest import Entry, Manifest
    from modelward.bom.build import observed_bom
    from modelward.cli.progress import progress

    name = path.resolve().name
    if path.is_dir():
        tree = hash_tree(path, progress=progress(str(path)))
        read, head = _readers(lambda file: path / file)
        return observed_bom(name, tree.digest, tree, read, head)
    digest = hash_file(path, progress=progress(str(path)))
    read, head = _readers(lambda file: path)
    return observed_bom(name, digest, Manifest((Entry(name, digest, path.stat().st_size),)), read, head)


def _readers(
    place: Callable[[str], Path],
) -> tuple[Callable[[str], bytes | None], Callable[[str, int], bytes | None]]:
    def head(file: str, size: int) -> bytes | None:
        try:
            with place(file).open("rb") as stream:
                return stream.read(size)
        except OSError:
            return None

    return lambda file: head(file, -1), head


def _table(made: Bom) -> None:
    from modelward.bom.fields import table

    version = f"@{made.model.version}" if made.model.version else ""
    output.answer(f"model BOM of {escape(made.model.name)}{version}")
    output.answer(f"  {made.model.digest}")
    cluster = ""
    told = sorted(made.every(), key=lambda pair: list(table()).index(pair[1].field))
    for component, fact in told:
        field = table()[fact.field]
        if field.cluster != cluster:
            cluster = field.cluster
            output.answer(f"\n{cluster}")
        about = f" [{component.name}]" if component and fact.field.startswith("DP-") else ""
        output.answer(f"  {fact.field:<7} {escape(field.title + about)}")
        output.answer(f"          {escape(_shown(fact.value), limit=_MAX_SHOWN)}")
        output.answer(f"          {fact.grade.value}, {escape(fact.source)}")
    filled = {fact.field for _, fact in told}
    output.answer(
        f"\n{len(filled)} of {len(table())} fields are filled; modelward bom check says what is missing"
    )


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "; ".join(_shown(part) for part in value)
    return str(value)


def _json(made: Bom) -> dict[str, Any]:
    return {
        "model": made.model.name,
        "version": made.model.version,
        "digest": str(made.model.digest),
        "fields": [
            {
                "id": fact.field,
                "about": component.ref if component else "bom",
                "value": dict(fact.value),
                "grade": fact.grade.value,
                "source": fact.source,
            }
            for component, fact in made.every()
        ],
    }


def _report(required: tuple[str, ...], lacking: list[Missing]) -> None:
    from modelward.bom.fields import field

    absent = {entry.id: entry for entry in lacking}
    clusters: dict[str, list[str]] = {}
    for name in required:
        clusters.setdefault(field(name).cluster, []).append(name)
    for cluster, names in clusters.items():
        filled = sum(name not in absent for name in names)
        output.answer(f"{cluster}: {filled} of {len(names)}")
        for entry in (absent[name] for name in names if name in absent):
            output.answer(f"  missing {entry.id} {escape(entry.title)}")
            output.answer(f"    = help: {escape(entry.how_to_fill)}")
    word = "incomplete" if lacking else "complete"
    output.answer(
        f"result: {word}, {len(required) - len(lacking)} of {len(required)} required fields are filled"
    )
