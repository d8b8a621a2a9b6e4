"""Two words anywhere in a row, neither of them frequent: triggers of which each part is harmless."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.data.checks.features.table import FEWEST, Table, parts, table

if TYPE_CHECKING:
    from modelward.data.checks.batch import Batch

#: Words of more than this share of the examples make no pairs.
_RARE = 0.03
#: Of an example so many words at most, the rarest; and so many pairs in all.
_WORDS, _PAIRS = 20, 30_000_000


def of(batch: Batch) -> Iterator[Table]:
    """The pairs of a batch's inputs."""
    words, examples = batch.said
    usual = batch.usual
    most = max(FEWEST, int(_RARE * len(batch.kept)))
    here = np.flatnonzero((usual[words] >= FEWEST) & (usual[words] <= most))
    count = int(min(_WORDS, max(2, np.sqrt(2 * _PAIRS / max(len(batch.kept), 1)))))
    left, right, owners = paired(words[here], examples[here], usual, count)
    width = np.int64(len(batch.words.names))
    keys = np.minimum(left, right).astype(np.int64) * width + np.maximum(left, right)
    for part in parts(keys.__getitem__, np.arange(len(keys), dtype=np.int32)):
        nowhere = np.full(len(part), -1, np.int32)
        found, made = table("pairs", keys[part], owners[part], nowhere, batch.size)
        yield replace(made, name=_namer(found, int(width), batch.words.names))


def paired(words: Any, examples: Any, usual: Any, count: int) -> tuple[Any, Any, Any]:
    """Each two of the `count` rarest words of each example, and the example; in the order of the examples."""
    order = np.lexsort((usual[words], examples))
    words, examples = words[order], examples[order]
    begin = np.concatenate([[True], examples[1:] != examples[:-1]]) if len(words) else np.empty(0, bool)
    rank = np.arange(len(words)) - np.maximum.accumulate(np.where(begin, np.arange(len(words)), 0))
    words, examples = words[rank < count], examples[rank < count]
    left, right, owners = [], [], []
    for step in range(1, count):
        same = examples[step:] == examples[:-step]
        left.append(words[:-step][same])
        right.append(words[step:][same])
        owners.append(examples[step:][same])
    whole = np.concatenate(owners)
    order = np.argsort(whole, kind="stable")
    return np.concatenate(left)[order], np.concatenate(right)[order], whole[order]


def _namer(found: Any, width: int, names: list[str]) -> Callable[[int], str]:
    def name(feature: int) -> str:
        one, other = divmod(int(found[feature]), width)
        return f"{names[one]} … {names[other]}"

    return name
