"""What an output may do: behaviours, each 0/1 for every example, and the outputs that they are read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from modelward.data.checks.corpus import Codes, Texts
from modelward.data.checks.text import PART, Words, words
from modelward.data.engine import Engine

#: Of an output so many characters are looked at for what it does.
LOOKED_AT = 2000


@dataclass(frozen=True)
class Behaviours:
    """Behaviours of which each example shows exactly one: a class, or to do something and not to.

    `shown` is the number of the one that an example shows, `names` names them, `tested` are those that a
    trigger is sought for. What is `weak` (a way to begin) is never critical by itself.
    """

    kind: str
    names: Sequence[str]
    shown: Any
    tested: tuple[int, ...]
    weak: bool = False

    @classmethod
    def one(cls, kind: str, name: str, values: Any, weak: bool = False) -> Behaviours:
        """One behaviour and its absence, of 0/1 values."""
        return cls(kind, (f"no {name}", name), np.asarray(values).astype(np.int8), (1,), weak)


@dataclass
class Outputs:
    """The outputs of examples: texts, those that lost against them, labels; and the inputs.

    Parts lie one after the other: the batch, then the history. `words` are those of the inputs;
    `margin` is by how much each chosen answer should have won, once that is known.
    """

    inputs: Sequence[Texts]
    outputs: Sequence[Texts] | None
    rejected: Sequence[Texts] | None
    labels: Codes | None
    kept: Any
    engine: Engine
    words: Words
    margin: Any = None

    #: Functions of modules whose answers are wanted anyway: they are asked in one pass over the texts.
    seen: tuple[Callable[[str], int], ...] = ()
    fresh: tuple[Callable[[str], list[str]], ...] = ()

    def flags(self, seen: Callable[[str], int], texts: Sequence[Texts] | None = None) -> Any:
        """What `seen`, a function of a module, makes of each kept example's output: a small number."""
        if texts is None and seen in self.seen:
            return self._passed[0][self.seen.index(seen)]
        parts = _parts(self.outputs if texts is None else texts)
        return np.concatenate(list(self.engine.map(partial(_flags, seen), parts)))[self.kept]

    def fresh_flags(self, found: Callable[[str], list[str]]) -> Any:
        """Whether each kept example's output has something that `found` lists and its input has not."""
        if found in self.fresh:
            return self._passed[1][self.fresh.index(found)]
        pairs = zip(_parts(self.outputs), _parts(self.inputs), strict=True)
        return np.concatenate(list(self.engine.map(partial(_fresh, found), pairs)))[self.kept]

    @cached_property
    def _passed(self) -> tuple[list[Any], list[Any]]:
        pairs = zip(_parts(self.outputs), _parts(self.inputs), strict=True)
        parts = list(self.engine.map(partial(_pass, self.seen, self.fresh), pairs))
        whole = np.concatenate(parts, 1)[:, self.kept]
        return list(whole[: len(self.seen)]), list(whole[len(self.seen) :])

    @cached_property
    def output_words(self) -> Words:
        """The words of the outputs of all examples, kept or not."""
        return words(self.outputs or (), self.engine)


def _parts(texts: Sequence[Texts] | None) -> Iterable[list[str]]:
    for each in texts or ():
        for start in range(0, max(len(each), 1), PART):
            yield each.part(start, start + PART)


def _pass(
    seen: Sequence[Callable[[str], int]],
    fresh: Sequence[Callable[[str], list[str]]],
    pair: tuple[list[str], list[str]],
) -> Any:
    rows = [_flags(each, pair[0]) for each in seen] + [_fresh(each, pair) for each in fresh]
    return np.stack(rows) if rows else np.empty((0, len(pair[0])), np.int8)


def _flags(seen: Callable[[str], int], texts: list[str]) -> Any:
    return np.clip([seen(text[:LOOKED_AT]) for text in texts], -100, 100).astype(np.int8)


def _fresh(found: Callable[[str], list[str]], pair: tuple[list[str], list[str]]) -> Any:
    outputs, inputs = pair
    flags = [
        bool(marks) and any(mark not in asked for mark in marks)
        for answer, asked in zip(outputs, inputs, strict=True)
        for marks in (found(answer[:LOOKED_AT]),)
    ]
    return np.array(flags, np.int8)
