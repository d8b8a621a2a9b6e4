"""From the figures of all tensors to one word: consistent, inconsistent, or cannot tell.

Matrices of the body vote, each with its elements: embeddings grow and heads are replaced by honest training,
vectors and constants are alike in strangers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from modelward.pipeline.derivation.matching import group
from modelward.pipeline.derivation.measure import Figures, State

Verdict = Literal["consistent", "inconsistent", "cannot tell"]

#: Of the body's elements: so many must be the base's for *consistent*, so many strangers' for *inconsistent*.
MOST, HALF = 0.98, 0.5
#: So much of the base's body must be found in the model for *consistent*.
COVERED = 0.5
MAX_NAMED = 20

RELATED_STATES: frozenset[State] = frozenset(
    {"equal", "near", "low-rank", "sparse", "pruned", "quantised", "shuffled"}
)
STRANGE_STATES: frozenset[State] = frozenset({"unrelated", "reshaped"})
_WORST: tuple[Verdict, ...] = ("inconsistent", "cannot tell", "consistent")


class Compared(Struct):
    """A tensor of the model. `how` its counterpart was found: name, renamed, moved, tied or resized."""

    name: str
    elements: int
    figures: Figures
    base: str = ""
    how: str = ""
    dtype: str = ""


class Part(Struct, frozen=True):
    """The tensors of one part of the model: how many in each state, and their extreme figures."""

    name: str
    tensors: int
    elements: int
    states: dict[str, int]
    correlation: float | None = None
    relative: float | None = None
    rank: int | None = None


class Shares(Struct, frozen=True):
    """Of the body's elements: those of the base, those of strangers, the rest; and how much of the base's."""

    related: float = 0.0
    unrelated: float = 0.0
    untold: float = 1.0
    covered: float = 0.0


def parts(tensors: Iterable[Compared]) -> list[Part]:
    """The tensors by the part they belong to."""
    sorted_in: dict[str, list[Compared]] = {}
    for each in tensors:
        sorted_in.setdefault(group(each.name), []).append(each)
    return [_part(name, members) for name, members in sorted(sorted_in.items())]


def _part(name: str, members: Sequence[Compared]) -> Part:
    voting = [each.figures for each in members if each.figures.votes]
    correlations = [figures.correlation for figures in voting if figures.correlation is not None]
    changes = [each.figures.relative for each in members if each.figures.relative is not None]
    ranks = [figures.rank for figures in voting if figures.state == "low-rank" and figures.rank is not None]
    return Part(
        name,
        len(members),
        sum(each.elements for each in members),
        dict(sorted(Counter(each.figures.state for each in members).items())),
        min(correlations, default=None),
        max(changes, default=None),
        max(ranks, default=None),
    )


def shares(tensors: Sequence[Compared], base_body: int) -> Shares:
    """The shares over the body; over everything where there is no body. `base_body`: the base's elements."""
    voting = [each for each in tensors if each.figures.votes]
    body = [each for each in voting if is_body(each.name)] or voting
    total = sum(each.elements for each in body)
    if not total:
        return Shares()
    related = sum(each.elements for each in body if each.figures.state in RELATED_STATES)
    strange = sum(each.elements for each in body if each.figures.state in STRANGE_STATES)
    found = {each.base: each.elements for each in body if each.figures.state in RELATED_STATES}
    covered = min(1.0, sum(found.values()) / base_body) if base_body else 1.0
    return Shares(related / total, strange / total, (total - related - strange) / total, covered)


def is_body(name: str) -> bool:
    """Whether a tensor is neither an embedding nor a head."""
    return group(name) not in ("embedding", "head")


def judge(found: Shares) -> tuple[Verdict, str]:
    """The word for one set of weights, and why."""
    if found.unrelated >= HALF:
        return "inconsistent", f"{found.unrelated:.1%} of the weights are not the base's"
    if found.related >= MOST and found.covered >= COVERED:
        return "consistent", f"{found.related:.1%} of the weights are the base's, with changes"
    if found.related >= MOST:
        return "cannot tell", f"only {found.covered:.1%} of the base's weights are in the model"
    return (
        "cannot tell",
        f"{found.related:.1%} of the weights are the base's, {found.unrelated:.1%} are not,"
        f" {found.untold:.1%} could not be told",
    )


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several; without any nothing can be told."""
    given = set(verdicts) or {"cannot tell"}
    return next(verdict for verdict in _WORST if verdict in given)


def notes(tensors: Sequence[Compared]) -> list[str]:
    """What the reader should know of single tensors: strangers, added, moved, renamed, shuffled, resized."""

    def named(*states: State, voting: bool = False) -> list[str]:
        return [
            f"{each.name} ({each.dtype})" if each.figures.state == "unread" else each.name
            for each in tensors
            if each.figures.state in states and (each.figures.votes or not voting)
        ]

    found = {
        "unrelated": named("unrelated", voting=True),
        "of another shape": named("reshaped"),
        "not in the base": named("added"),
        "not read": named("unread"),
        "unclear": named("unclear", voting=True),
        "rows or columns shuffled": named("shuffled"),
        "resized": [each.name for each in tensors if each.how == "resized"],
    }
    for how in ("moved", "renamed", "tied"):
        found[how] = [f"{each.name} is {each.base}" for each in tensors if each.how == how]
    return [f"{words}: {_some(names)}" for words, names in found.items() if names]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name[:200] for name in names[:MAX_NAMED])
    return shown + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
