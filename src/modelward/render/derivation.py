"""A comparison of a model with its base, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.escape import escape
from modelward.pipeline.derivation.compare import Derivation
from modelward.pipeline.derivation.verdict import Part

_LIMIT = 400


def lines(found: Derivation, model: str, base: str) -> Iterator[str]:
    """The verdict, why, the figures of each part, and what differs besides."""
    yield f"{found.verdict}: {escape(model)} with {escape(base)}"
    for reason in found.reasons:
        yield f"  {escape(reason, limit=_LIMIT)}"
    if found.named_base:
        yield f"  the adapter names the base {escape(found.named_base)}"
    width = max((len(part.name) for part in found.parts), default=0)
    for part in found.parts:
        yield f"  {part.name:{width}}  {_figures(part)}"
    for title, some in (
        ("note", found.notes),
        ("config.json", found.architecture),
        ("tokenizer", found.tokenizer),
    ):
        for line in some:
            yield f"  {title}: {escape(line, limit=_LIMIT)}"
    yield f"seed {escape(found.seed)}, {'all rows' if found.thorough else 'drawn rows of large tensors'}"


def _figures(part: Part) -> str:
    words = [f"{count} {state}" for state, count in sorted(part.states.items(), key=lambda one: -one[1])]
    figures = []
    if part.correlation is not None:
        figures.append(f"correlation from {part.correlation:.3f}")
    if part.relative is not None:
        figures.append(f"difference up to {part.relative:.2%}")
    if part.rank is not None:
        figures.append(f"rank up to {part.rank}")
    return "; ".join((", ".join(words), *figures))
