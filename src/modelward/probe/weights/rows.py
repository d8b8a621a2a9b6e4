"""Rows of the embedding that moved much further than the others: tokens that training singled out.

A trigger of rare tokens is learnt in their rows, which hardly any other example touches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.probe.weights.tensors import Weights, numpy

_EMBEDDING = re.compile(
    r"(?:^|\.)(?:embed_tokens|word_embeddings|wte|tok_embeddings|embed_in|embedding|shared)\.weight$"
)
#: Robust standard deviations above the median of log distances of the rows that moved.
FAR = 6.0
SHOWN = 20
MAX_VOCABULARY = 64 << 20


@dataclass(frozen=True)
class Moved:
    """A token whose row moved: how far, and how many robust standard deviations beyond the others."""

    token: str
    id: int
    distance: float
    z: float


def embedding(names: list[str]) -> str | None:
    """The name of the tensor with a row for each token."""
    found = [name for name in names if _EMBEDDING.search(name)]
    return min(found, key=len) if found else None


def moved(tuned: Weights, base: Weights, vocabulary: dict[int, str]) -> list[Moved]:
    """The rows that moved furthest, those far from the others only. Raises InputError."""
    name = embedding(tuned.floats())
    other = _twin(name, base) if name else None
    if name is None or other is None:
        return []
    np = numpy()
    rows, before = tuned.array(name), base.array(other)
    if rows.shape != before.shape or rows.ndim != 2:
        return []
    return far(np.linalg.norm((rows - before).astype(np.float64), axis=1), vocabulary)


def far(distances: Any, vocabulary: dict[int, str]) -> list[Moved]:
    """The rows far beyond the others, the furthest first."""
    np = numpy()
    there = np.flatnonzero(distances > 0)
    if len(there) < 20:
        return []
    logs = np.log(distances[there])
    middle = float(np.median(logs))
    # One relative step in ten at least: rows that moved all alike are no measure.
    spread = max(1.4826 * float(np.median(np.abs(logs - middle))), 0.1)
    z = (logs - middle) / spread
    best = np.argsort(-z, kind="stable")[:SHOWN]
    return [
        Moved(vocabulary.get(int(there[at]), ""), int(there[at]), float(distances[there[at]]), float(z[at]))
        for at in best
        if z[at] >= FAR
    ]


def _twin(name: str, base: Weights) -> str | None:
    if name in base.places:
        return name
    ends = [other for other in base.floats() if _EMBEDDING.search(other)]
    return min(ends, key=len) if ends else None


def vocabulary_of(path: Path) -> dict[int, str]:
    """Token by id from tokenizer.json, vocab.json or vocab.txt; empty without any. Raises InputError."""
    for name in ("tokenizer.json", "vocab.json", "vocab.txt"):
        file = path / name
        if not file.is_file():
            continue
        try:
            with file.open("rb") as stream:
                data = stream.read(MAX_VOCABULARY + 1)
        except OSError as error:
            raise InputError(f"cannot read it: {error.strerror}", where=str(file)) from None
        if name == "vocab.txt":
            return dict(enumerate(data.decode("utf-8", "replace").splitlines()))
        value = strict_json.loads(data, what=str(file), max_bytes=MAX_VOCABULARY)
        found = value.get("model", {}).get("vocab", {}) if name == "tokenizer.json" else value
        if isinstance(found, list):  # unigram: pairs of token and score
            return {at: str(pair[0]) for at, pair in enumerate(found) if isinstance(pair, list) and pair}
        if isinstance(found, dict):
            return {at: token for token, at in found.items() if isinstance(at, int)}
    return {}
