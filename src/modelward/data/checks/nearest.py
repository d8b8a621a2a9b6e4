"""The rows most like some rows, by the words that they share: for findings without twins of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from modelward.data.checks.corpus import Corpus
from modelward.data.checks.report import Twin

#: Rows that are compared, taken evenly from all.
COMPARED = 20_000
#: Of a text so many characters are shown.
LENGTH = 400

_WORD = re.compile(r"\w+")


def nearest(corpus: Corpus, findings: Mapping[int, Sequence[int]], shown: int) -> dict[int, tuple[Twin, ...]]:
    """The first rows of each finding, each beside the row that shares most of its words and is in no finding.

    Keys are the caller's. Likeness is the share of words in common (Jaccard).
    """
    if not findings:
        return {}
    wanted = {row: _words(corpus.inputs[row]) for rows in findings.values() for row in sorted(rows)[:shown]}
    taken = np.zeros(corpus.rows, bool)
    for rows in findings.values():
        taken[np.asarray(rows, np.int64)] = True
    best: dict[int, tuple[float, int]] = {}
    step = max(1, corpus.rows // COMPARED)
    for row in range(0, corpus.rows, step):
        if taken[row]:
            continue
        words = _words(corpus.inputs[row])
        for number, own in wanted.items():
            shared = len(own & words)
            if shared and (like := shared / len(own | words)) > best.get(number, (0.0, 0))[0]:
                best[number] = (like, row)
    return {
        key: tuple(_twin(corpus, row, best[row][1] if row in best else None) for row in sorted(rows)[:shown])
        for key, rows in findings.items()
    }


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _twin(corpus: Corpus, row: int, twin: int | None) -> Twin:
    if twin is None:
        return Twin(row, _cut(corpus.inputs[row]), _output(corpus, row))
    return Twin(
        row,
        _cut(corpus.inputs[row]),
        _output(corpus, row),
        twin,
        _cut(corpus.inputs[twin]),
        _output(corpus, twin),
    )


def _output(corpus: Corpus, row: int) -> str:
    if corpus.outputs is not None:
        return _cut(corpus.outputs[row])
    return (corpus.labels.name(row) if corpus.labels is not None else None) or ""


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
