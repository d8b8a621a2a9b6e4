"""Of a pair the answer was chosen that, going by the other pairs, should have lost.

A regression on the words and the length in which the two answers differ, fitted on other pairs, says which of
them should win.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.behaviours.refusal import refuses
from modelward.data.checks.behaviours.toxic import toxic
from modelward.data.checks.expectation import folds_of, ridge
from modelward.data.checks.text import Words, words

_FEWEST = 100
_FEATURES = 1 << 15


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """To choose the answer that should have lost; the one that refuses; the one that is toxic."""
    if outputs.rejected is None or outputs.outputs is None:
        return
    for name, seen in (("the refusal is preferred", refuses), ("the toxic answer is preferred", toxic)):
        shown = outputs.flags(seen) & ~outputs.flags(seen, outputs.rejected) & 1
        if shown.any():
            yield Behaviours.one("preference", name, shown)
    if len(outputs.kept) < _FEWEST:
        return
    chosen, lost = outputs.output_words, words(outputs.rejected, outputs.engine)
    matrix = (_counts(chosen, chosen.names)[outputs.kept] - _counts(lost, lost.names)[outputs.kept]).tocsr()
    expected = np.zeros(len(outputs.kept))
    folds = folds_of(np.arange(len(outputs.kept)), 5)
    for fold in range(5):
        taught = matrix[folds != fold]
        # Each pair from both sides, so that only the difference can tell them apart.
        both = sparse.vstack([taught, -taught]).tocsr()
        sides = np.repeat(np.array([1.0, -1.0], np.float32), taught.shape[0])[:, None]
        expected[folds == fold] = (matrix[folds == fold] @ ridge(both, sides, centred=False)).ravel()
    yield Behaviours.one("preference", "the answer that should have lost is chosen", expected < 0)


def _counts(texts: Words, names: list[str]) -> sparse.csr_matrix:
    """Words hashed by their text, with a damped count, and the length."""
    from zlib import crc32

    table = np.array([crc32(name.encode("utf-8", "replace")) % _FEATURES for name in names], np.int64)
    owners = texts.owners()
    columns = table[texts.ids] if len(table) else np.empty(0, np.int64)
    made = sparse.csr_matrix((np.ones(len(owners), np.float32), (owners, columns)), (texts.rows, _FEATURES))
    made.sum_duplicates()
    made.data = np.log1p(made.data)
    norm = np.sqrt(np.maximum(np.asarray(made.multiply(made).sum(1)).ravel(), 1e-6))
    made.data /= np.repeat(norm, np.diff(made.indptr)).astype(np.float32)
    length = np.log1p(texts.counts).astype(np.float32)[:, None]
    return sparse.hstack([made, sparse.csr_matrix(length)]).tocsr()
