"""`modelward derivation`: are a model's weights those of the base that it names, with changes?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, KEY, PATH, REGISTRY, SUPERSEDES, parse_digests
from modelward.cli.data.publishing import answer_published, check_destination, publish
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_NO, EXIT_YES, InputError, UsageError

if TYPE_CHECKING:
    from modelward.core.digest import Digest
    from modelward.pipeline.derivation.compare import Derivation

_EXIT = {"consistent": EXIT_YES, "inconsistent": EXIT_NO, "cannot tell": EXIT_CANNOT_TELL}
_MODEL = click.Path(exists=True, path_type=Path)


@click.command("derivation")
@click.argument("model", type=_MODEL)
@click.argument("base", type=_MODEL)
@click.option("--thorough", is_flag=True, help="Look at all rows of large tensors, not only at drawn ones.")
@click.option("--seed", default="", metavar="TEXT", help="Draw the rows as a statement says it did.")
@click.option("--base-name", default="", metavar="NAME", help="What the statement calls the base.")
@click.option("--sign", is_flag=True, help="Sign and publish the figures, which the gate can ask for.")
@SUPERSEDES
@click.option("--out", metavar="FILE", type=PATH, help="Write the statement here, unsigned; publish nothing.")
@REGISTRY
@KEY
@JSON
def derivation(
    model: Path,
    base: Path,
    thorough: bool,
    seed: str,
    base_name: str,
    sign: bool,
    supersedes: tuple[str, ...],
    out: Path | None,
    registry: Path | None,
    key: str | None,
    as_json: bool,
) -> None:
    """Compare the weights of MODEL with those of BASE: is it a fine-tune of that?

    Directories or files in safetensors, torch (nothing in it is run) or GGUF; a LoRA adapter too. The
    answer is consistent (exit code 0), inconsistent (1) or cannot tell (2), with figures for each part.
    """
    from modelward.cli.progress import progress
    from modelward.pipeline.derivation.compare import Settings, compare

    if len(seed) > 1024:
        raise UsageError("the seed is over 1024 characters")
    wanted = sign or out is not None
    if wanted:
        check_destination(out, registry)
    elif supersedes:
        raise UsageError("--supersedes is for a statement", help="add --sign or --out FILE")
    digests = _digests(model, base) if wanted else None
    found = compare(model, base, Settings(seed, thorough), progress(str(model)))
    published: list[dict[str, Any]] = []
    if digests is not None:
        if _digests(model, base) != digests:
            raise InputError(
                "it was changed while it was compared", where=str(model), help="compare it again"
            )
        published = _publish(found, digests, (model, base, base_name), supersedes, (out, registry, key))
    if as_json:
        import msgspec

        plain = msgspec.to_builtins(found) | {"statements": published}
        output.answer_json(plain)
    else:
        from modelward.render.derivation import lines

        for line in lines(found, str(model), str(base)):
            output.answer(line)
        answer_published(published, out)
    click.get_current_context().exit(_EXIT[found.verdict])


def _digests(model: Path, base: Path) -> tuple[Digest, Digest]:
    from modelward.artifact.hashing import digest_of

    return digest_of(model), digest_of(base)


def _publish(
    found: Derivation,
    digests: tuple[Digest, Digest],
    names: tuple[Path, Path, str],
    supersedes: tuple[str, ...],
    places: tuple[Path | None, Path | None, str | None],
) -> list[dict[str, Any]]:
    from modelward.attest.statement import Statement
    from modelward.pipeline.derivation.statement import predicate

    subject, base = digests
    model, path, name = names
    made = predicate(found, name or path.resolve().name, base, parse_digests(supersedes))
    return publish([Statement.of(model.resolve().name, subject, made)], *places)
