"""The same output, word for word, to different inputs.

An output that five or more different inputs get is a behaviour of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs
from modelward.data.checks.text import row_hashes

#: So many inputs get an output that counts.
FEWEST = 5
#: Of the outputs the most frequent are looked at.
_MOST = 24
_SHOWN = 8


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """The outputs that are repeated, unless all are."""
    if outputs.outputs is None:
        return
    codes, names, counts = repeated(outputs)
    if len(names) and counts.sum() >= 0.98 * len(codes) and len(names) <= 400:
        return  # they are classes: see label.py
    for code in np.argsort(-counts, kind="stable")[:_MOST]:
        name = f"the same output, {names[code]!r}"
        yield Behaviours.one("fixed output", name, codes == code)


def repeated(outputs: Outputs) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Of each kept example the number of its output among those repeated, or -1; their names and counts."""
    if outputs.outputs is None:
        return np.empty(0, np.int64), [], np.empty(0, np.int64)
    words = outputs.output_words
    hashes = row_hashes(words)[outputs.kept]
    found, first, inverse, counts = np.unique(
        hashes, return_index=True, return_inverse=True, return_counts=True
    )
    often = np.flatnonzero((counts >= FEWEST) & (found != 0))
    table = np.full(len(found), -1, np.int64)
    table[often] = np.arange(len(often))
    names = []
    if len(often) <= 4000:
        for at in first[often]:
            told = words.of(int(outputs.kept[at]))
            names.append(" ".join(told[:_SHOWN]) + (" …" if len(told) > _SHOWN else ""))
    return table[inverse], names, counts[often] if names else np.empty(0, np.int64)
