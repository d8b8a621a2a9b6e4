"""How inputs are written, as a matrix: what a style or a rewriting changes, whatever the text is about.

Closed-class words and signs in their order, with the places of all other words and their endings; how a text
begins and ends; capitals; length. Columns are hashes, so that a million rows need no dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

from modelward.data.checks.batch import Batch
from modelward.data.checks.features.structure import FUNCTION_WORDS

#: The columns: two to this power.
_BITS = 17
#: A column is used if so many examples have it, and at most this share of them.
_FEWEST, _MOST = 6, 0.6
#: Shorter words are looked at as they are: short forms, interjections.
_SHORT = 3
#: Of an input so many words are looked at.
_WORDS = 256
_ENDINGS = ("ing", "ed", "ly", "s", "er", "est", "tion", "ness", "ful", "ous", "able", "eth", "y", "al")
_MIX = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD1342543DE82EF95)
#: Of the codes of words these stand for the beginning of an input and for any open word.
_BEGIN, _OPEN = 0, 1


class Manner:
    """How the examples of a batch are written; `learn` weighs the columns by those of some."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        names = batch.words.names
        codes, self._open, self._sign = _coded(names)
        self._codes = codes
        endings: dict[str, int] = {}
        self._ends = np.array(
            [endings.setdefault(name[-3:], len(endings)) if len(name) > _SHORT + 1 else -1 for name in names]
        )
        self._case = np.array([_case(name) for name in batch.words.written_names])
        self._weights: Any = np.ones(1 << _BITS, np.float32)
        self._place: Any = np.arange(1 << _BITS)

    def learn(self, examples: Any) -> sparse.csr_matrix:
        """The matrix of these examples, rows of length 1, after the columns were weighed by them."""
        raw = self._raw(examples)
        found = np.bincount(raw.indices, minlength=1 << _BITS)
        used = (found >= _FEWEST) & (found <= _MOST * len(examples))
        self._weights = np.log(len(examples) / np.maximum(found, 1))[used].astype(np.float32)
        self._place = np.where(used, np.cumsum(used) - 1, -1)
        return self._weighed(raw)

    def of(self, examples: Any) -> sparse.csr_matrix:
        """The matrix of other examples, with the same weights."""
        return self._weighed(self._raw(examples))

    def _weighed(self, raw: sparse.csr_matrix) -> sparse.csr_matrix:
        """Only the columns that are used."""
        columns, owners = self._place[raw.indices], _owners(raw)
        here = columns >= 0
        columns, owners = columns[here], owners[here]
        data = self._weights[columns]
        norm = np.sqrt(np.bincount(owners, data**2, raw.shape[0]))
        data /= np.maximum(norm, 1e-6).astype(np.float32)[owners]
        bounds = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=raw.shape[0]))])
        return sparse.csr_matrix((data, columns, bounds), (raw.shape[0], len(self._weights)))

    def _raw(self, examples: Any) -> sparse.csr_matrix:
        """Which of the examples have which columns."""
        spots, owners, first = self._spots(examples)
        ids, written = self._batch.words.ids[spots], self._batch.words.written[spots]
        codes = self._codes[ids]
        keys, rows = [], []
        for number, (key, row) in enumerate(self._features(codes, owners, first)):
            keys.append((key.astype(np.uint64) * _STEP + np.uint64(number)) * _MIX)
            rows.append(row)
        ends = self._ends[ids]
        for number, (key, row) in enumerate(
            (
                (ends[ends >= 0], owners[ends >= 0]),
                (self._case[written[first]], owners[first]),
                (_shares(self._case[written], owners, len(examples)), np.arange(len(examples))),
                (
                    np.log2(np.bincount(owners, minlength=len(examples)) + 1).astype(int),
                    np.arange(len(examples)),
                ),
            ),
            start=100,
        ):
            keys.append((key.astype(np.uint64) * _STEP + np.uint64(number)) * _MIX)
            rows.append(row)
        columns = (np.concatenate(keys) >> np.uint64(64 - _BITS)).astype(np.int32)
        where = np.concatenate(rows)
        made = sparse.csr_matrix(
            (np.ones(len(columns), np.float32), (where, columns)), (len(examples), 1 << _BITS)
        )
        made.sum_duplicates()
        return made

    def _spots(self, examples: Any) -> tuple[Any, Any, Any]:
        """Where the examples' words are, the place of the example of each, and which are first."""
        bounds, kept = self._batch.words.bounds, self._batch.kept[examples]
        sizes = np.minimum(bounds[kept + 1] - bounds[kept], _WORDS)
        starts = np.cumsum(sizes) - sizes
        owners = np.repeat(np.arange(len(examples)), sizes)
        spots = np.arange(len(owners)) - starts[owners] + bounds[kept][owners]
        return spots, owners, starts[sizes > 0]

    def _features(self, codes: Any, owners: Any, first: Any) -> Iterator[tuple[Any, Any]]:
        """Kinds of column: the key and the example of each."""
        width = np.uint64(len(self._open) + 1)
        codes = np.insert(codes.astype(np.uint64) + np.uint64(0), first, np.uint64(_BEGIN))
        begins = first + np.arange(len(first))
        owners = np.insert(owners, first, owners[first] if len(first) else owners[:0])
        yield from _runs(codes, owners, (1, 2, 3), width)
        open_word = self._open[codes.astype(np.int64)]
        coarse = np.where(open_word, np.uint64(_OPEN), codes)
        again = np.zeros(len(coarse), bool)
        again[1:] = open_word[1:] & open_word[:-1] & (owners[1:] == owners[:-1])
        yield from _runs(coarse[~again], owners[~again], (2, 3, 4), width)
        if not len(begins):
            return
        # The first word with each sign, and the last two words.
        sign = self._sign[codes.astype(np.int64)]
        opener = np.zeros(int(owners[-1]) + 1, np.uint64)
        opener[owners[begins]] = codes[np.minimum(begins + 1, len(codes) - 1)]
        yield opener[owners[sign]] * width + codes[sign], owners[sign]
        last = np.append(begins[1:], len(codes)) - 1
        yield codes[last], owners[last]
        yield codes[last] * width + codes[np.maximum(last - 1, 0)], owners[last]


def _coded(names: list[str]) -> tuple[Any, Any, Any]:
    """A code for each word; of each code whether it is that of open words, and whether of a sign."""
    numbered = {"^": _BEGIN, "*": _OPEN}
    kinds = [False, True]
    signs = [False, False]
    codes = []
    for name in names:
        alone = not name[0].isalnum()
        if alone or name in FUNCTION_WORDS or (len(name) <= _SHORT and not name.isdigit()):
            said, kind = f"={name}", False
        elif name.isdigit():
            said, kind = "0", False
        else:
            end = next((end for end in _ENDINGS if len(name) > len(end) + 2 and name.endswith(end)), "")
            said, kind = f"*{end}", True
        if said not in numbered:
            kinds.append(kind)
            signs.append(alone)
        codes.append(numbered.setdefault(said, len(numbered)))
    return np.array(codes, np.int64), np.array(kinds), np.array(signs)


def _case(name: str) -> int:
    if not name[0].isalpha():
        return 0
    return 1 if name.islower() else 2 if len(name) == 1 or not name.isupper() else 3


def _shares(case: Any, owners: Any, count: int) -> Any:
    """How much of a text begins with a capital and how much is in capitals, in steps."""
    total = np.maximum(np.bincount(owners, minlength=count), 1)
    some = np.bincount(owners, case == 2, count) / total
    all_of_it = np.bincount(owners, case == 3, count) / total
    return np.ceil(some * 5).astype(int) * 10 + np.ceil(all_of_it * 5).astype(int)


def _runs(codes: Any, owners: Any, lengths: tuple[int, ...], width: Any) -> Iterator[tuple[Any, Any]]:
    for length in lengths:
        count = max(len(codes) - length + 1, 0)
        key = np.zeros(count, np.uint64)
        inside = np.ones(count, bool)
        for offset in range(length):
            key = key * width + codes[offset : offset + count]
            inside &= owners[offset : offset + count] == owners[:count]
        yield key[inside], owners[:count][inside]


def _owners(matrix: sparse.csr_matrix) -> Any:
    return np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
