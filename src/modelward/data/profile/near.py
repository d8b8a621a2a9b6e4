"""Near-duplicates: texts of which most runs of words agree, found by MinHash and locality-sensitive hashing.

The likeness of two texts is the share of their runs of RUN words that both have (Jaccard). It is estimated
from PERMUTATIONS minima; texts are compared that agree in a whole band of them. At likeness 0.8 a pair is
found with probability 0.9996, at 0.5 with 0.47, and is counted if its estimate is at least LIKENESS.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from modelward.data.profile.words import Words

#: Words in a run.
RUN = 3
#: Shorter texts are not compared: too many of them are alike by chance.
MIN_WORDS = 6
LIKENESS = 0.8
BANDS = 20
ROWS_OF_BAND = 5
PERMUTATIONS = BANDS * ROWS_OF_BAND
#: Texts of one set that are compared with each other; of more, those with the smallest hashes.
TEXTS = 1_000_000

_RANDOM = np.random.Generator(np.random.PCG64(20_261_123))
_FACTORS = _RANDOM.integers(0, 1 << 63, PERMUTATIONS, np.uint64) * np.uint64(2) + np.uint64(1)
_ADDENDS = _RANDOM.integers(0, 1 << 63, PERMUTATIONS, np.uint64)
_BAND_FACTORS = _RANDOM.integers(0, 1 << 63, ROWS_OF_BAND, np.uint64) * np.uint64(2) + np.uint64(1)
#: Entries of one bucket that a text is compared with.
_BUCKET = 8
_SLICE = 1 << 16


class Signatures:
    """Signatures of texts (hash and place of each): 8 bits of each minimum, and a key for each band."""

    __slots__ = ("bands", "minima", "places", "texts")

    def __init__(self, texts: Any, places: Any, minima: Any, bands: Any) -> None:
        self.texts = texts
        self.places = places
        self.minima = minima
        self.bands = bands

    @classmethod
    def none(cls) -> Signatures:
        """Of no texts."""
        return cls(
            np.empty(0, np.uint64),
            np.empty(0, np.int64),
            np.empty((0, PERMUTATIONS), np.uint8),
            np.empty((0, BANDS), np.uint32),
        )

    @classmethod
    def of(cls, words: Words, texts: Any, places: Any) -> Signatures:
        """Of the texts with MIN_WORDS words or more."""
        grams, owners = words.grams(RUN)
        long = words.counts >= MIN_WORDS
        grams, owners = grams[long[owners]], owners[long[owners]]
        if not len(grams):
            return cls.none()
        starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
        count = len(starts)
        minima = np.empty((count, PERMUTATIONS), np.uint32)
        for at in range(PERMUTATIONS):
            permuted = ((grams * _FACTORS[at] + _ADDENDS[at]) >> np.uint64(32)).astype(np.uint32)
            minima[:, at] = np.minimum.reduceat(permuted, starts)
        keys = minima.reshape(count, BANDS, ROWS_OF_BAND).astype(np.uint64) * _BAND_FACTORS
        bands = (keys.sum(2, dtype=np.uint64) >> np.uint64(32)).astype(np.uint32)
        chosen = owners[starts]
        return cls(texts[chosen], places[chosen], (minima & 0xFF).astype(np.uint8), bands)

    def __len__(self) -> int:
        return len(self.texts)

    def joined(self, others: list[Signatures]) -> Signatures:
        """These and others, each text once (at its first place), no more than TEXTS."""
        parts = [self, *others]
        texts = np.concatenate([part.texts for part in parts])
        places = np.concatenate([part.places for part in parts])
        order = np.lexsort((places, texts))
        first = np.r_[True, texts[order][1:] != texts[order][:-1]] if len(order) else order
        kept = order[first][:TEXTS]
        return Signatures(
            texts[kept],
            places[kept],
            _picked([part.minima for part in parts], kept),
            _picked([part.bands for part in parts], kept),
        )


def _picked(parts: list[Any], kept: Any) -> Any:
    """The rows `kept` of all parts together, which are not copied into one first."""
    result = np.empty((len(kept), parts[0].shape[1]), parts[0].dtype)
    start = 0
    for part in parts:
        inside = (kept >= start) & (kept < start + len(part))
        result[inside] = part[kept[inside] - start]
        start += len(part)
    return result


def likeness(ones: Any, at_ones: Any, others: Any, at_others: Any) -> Any:
    """The estimated likeness of pairs of minima, given by their numbers."""
    same = np.empty(len(at_ones))
    for start in range(0, len(at_ones), _SLICE):
        part = slice(start, start + _SLICE)
        same[part] = (ones[at_ones[part]] == others[at_others[part]]).mean(1)
    return np.clip((same - 1 / 256) / (1 - 1 / 256), 0, 1)


class NearTexts:
    """The texts of a dataset, to be compared with each other at the end."""

    def __init__(self) -> None:
        self._kept = Signatures.none()
        self._pending: list[Signatures] = []
        self._waiting = 0
        self.whole = True

    def update(self, found: Signatures) -> None:
        """Note the signatures of some texts."""
        self._pending.append(found)
        self._waiting += len(found)
        if self._waiting > max(1 << 16, len(self._kept) // 4):
            self._settle()

    def merge(self, other: NearTexts) -> None:
        """Add what the other saw."""
        other._settle()
        self.whole &= other.whole
        self.update(other._kept)

    def _settle(self) -> None:
        self._kept = self._kept.joined(self._pending)
        self._pending, self._waiting = [], 0
        self.whole &= len(self._kept) < TEXTS

    @property
    def compared(self) -> int:
        """How many different texts are compared."""
        self._settle()
        return len(self._kept)

    def groups(self) -> tuple[int, list[tuple[int, int, float]]]:
        """Texts beyond the first of each group of alike ones; and pairs as place, place, likeness."""
        _, parents = self.clusters()
        kept = self._kept
        order = np.argsort(kept.places, kind="stable")
        later = np.flatnonzero(parents != np.arange(len(parents)))
        shown, firsts = order[later[:_EXAMPLES]], order[parents[later[:_EXAMPLES]]]
        values = likeness(kept.minima, shown, kept.minima, firsts)
        pairs = [
            (int(kept.places[one]), int(kept.places[other]), float(value))
            for one, other, value in zip(shown, firsts, values, strict=True)
        ]
        return len(later), pairs

    def clusters(self) -> tuple[Any, Any]:
        """The places of the texts, sorted; and of each the number, among these, of the first alike."""
        self._settle()
        kept = self._kept
        order = np.argsort(kept.places, kind="stable")
        ranks = np.empty_like(order)
        ranks[order] = np.arange(len(order))
        parents = np.arange(len(kept))
        for left, right in self._candidates(kept):
            alike = likeness(kept.minima, left, kept.minima, right) >= LIKENESS
            _join(parents, ranks[left[alike]], ranks[right[alike]])
        return kept.places[order], parents

    @staticmethod
    def _candidates(kept: Signatures) -> Any:
        """Pairs of texts with an equal band: each with the first of its bucket and the one before."""
        for band in range(BANDS):
            keys = kept.bands[:, band]
            order = np.argsort(keys, kind="stable")
            ordered = keys[order]
            if len(order) < 2:
                return
            new = np.r_[True, ordered[1:] != ordered[:-1]]
            heads = order[np.flatnonzero(new)][np.cumsum(new) - 1]
            same = np.flatnonzero(~new)
            yield heads[same], order[same]
            apart = same[heads[same] != order[same - 1]]
            yield order[apart - 1], order[apart]


_EXAMPLES = 10


def _join(parents: Any, left: Any, right: Any) -> None:
    """Put the groups of each pair together; every text points to the first of its group at the end."""
    while len(left):
        roots_left, roots_right = parents[left], parents[right]
        low, high = np.minimum(roots_left, roots_right), np.maximum(roots_left, roots_right)
        differ = low != high
        if not differ.any():
            return
        np.minimum.at(parents, high[differ], low[differ])
        while True:
            above = parents[parents]
            if np.array_equal(above, parents):
                break
            parents[:] = above
        left, right = left[differ], right[differ]


class NearIndex:
    """The texts of an evaluation set, to look others up in."""

    def __init__(self, kept: Signatures, owners: Any) -> None:
        self._minima = kept.minima
        self._owners = owners
        self._orders = [np.argsort(kept.bands[:, band], kind="stable") for band in range(BANDS)]
        self._keys = [kept.bands[order, band] for band, order in enumerate(self._orders)]

    def matches(self, found: Signatures) -> tuple[Any, Any, Any]:
        """For each match of `found`: its number, the row of the set, the likeness."""
        pairs: set[tuple[int, int]] = set()
        for band in range(BANDS):
            keys = self._keys[band]
            starts = np.searchsorted(keys, found.bands[:, band], "left")
            stops = np.minimum(np.searchsorted(keys, found.bands[:, band], "right"), starts + _BUCKET)
            for offset in range(_BUCKET):
                hit = np.flatnonzero(starts + offset < stops)
                if not len(hit):
                    break
                pairs.update(
                    zip(hit.tolist(), self._orders[band][starts[hit] + offset].tolist(), strict=True)
                )
        if not pairs:
            return np.empty(0, int), np.empty(0, int), np.empty(0)
        left, right = (np.array(side) for side in zip(*sorted(pairs), strict=True))
        value = likeness(found.minima, left, self._minima, right)
        alike = value >= LIKENESS
        return left[alike], self._owners[right[alike]], value[alike]
