"""A comparison in the form that is signed."""

from __future__ import annotations

from collections.abc import Sequence

from modelward import __version__
from modelward.attest import predicates as p
from modelward.attest.predicates.derivation import PartFigures
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.pipeline.derivation.compare import METHOD, Derivation
from modelward.pipeline.derivation.verdict import Part

_MOST, _PROSE = 500, 10_000


def predicate(found: Derivation, name: str, base: Digest, supersedes: Sequence[str] = ()) -> p.Derivation:
    """The predicate; `name` is the base's, for people."""
    return p.Derivation(
        base=p.Named(name=_plain(name)[:1024], digest=str(base)),
        verdict=found.verdict,
        reasons=_lines(found.reasons),
        adapter=found.adapter,
        named_base=_plain(found.named_base)[:1024],
        related=found.shares.related,
        unrelated=found.shares.unrelated,
        untold=found.shares.untold,
        covered=found.shares.covered,
        parts=tuple(_part(each) for each in found.parts),
        notes=_lines(found.notes),
        architecture=_lines(found.architecture),
        tokenizer=_lines(found.tokenizer),
        seed=found.seed,
        thorough=found.thorough,
        method=METHOD,
        tool=f"modelward {__version__}",
        compared_at=instant.render(instant.now()),
        supersedes=tuple(supersedes),
    )


def _part(part: Part) -> PartFigures:
    return PartFigures(
        name=part.name,
        tensors=part.tensors,
        elements=part.elements,
        states=part.states,
        correlation=part.correlation,
        relative=part.relative,
        rank=part.rank,
    )


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(_plain(line)[:_PROSE] for line in lines[:_MOST])


def _plain(text: str) -> str:
    """A text as JSON can hold it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
