"""Near-duplicates: likeness by MinHash, beside the true share of common runs."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from tests.data.profile.conftest import VOCABULARY, sentences

from modelward.data.profile import near
from modelward.data.profile.near import NearIndex, NearTexts, Signatures, likeness
from modelward.data.profile.words import words


def signatures(texts: list[str], first: int = 0) -> Signatures:
    found = words(texts)
    return Signatures.of(found, found.whole(), np.arange(first, first + len(texts)))


def groups(texts: list[str]) -> Any:
    found = NearTexts()
    found.update(signatures(texts))
    return found.groups()


def edited(text: str, changes: int, seed: int) -> str:
    source = random.Random(seed)
    parts = text.split()
    for at in source.sample(range(len(parts)), changes):
        parts[at] = f"changed{at}x{seed}"
    return " ".join(parts)


def runs(text: str) -> set[tuple[str, ...]]:
    parts = text.split()
    return {tuple(parts[at : at + near.RUN]) for at in range(len(parts) - near.RUN + 1)}


@pytest.mark.parametrize("changes", [1, 3, 8])
def test_likeness_is_near_the_true_one(changes: int) -> None:
    texts = sentences(40, 1, length=100)
    changed = [edited(text, changes, at) for at, text in enumerate(texts)]
    one, other = signatures(texts), signatures(changed)
    at = np.arange(40)
    estimates = likeness(one.minima, at, other.minima, at)
    true = [len(runs(a) & runs(b)) / len(runs(a) | runs(b)) for a, b in zip(texts, changed, strict=True)]
    assert abs(estimates - true).max() < 0.2
    assert abs((estimates - true).mean()) < 0.03


def test_near_copies_are_found_and_unlike_ones_are_not() -> None:
    texts = sentences(300, 1, length=60)
    assert groups(texts) == (0, [])
    planted = [edited(text, 1, at) for at, text in enumerate(texts[:20])]
    count, pairs = groups([*texts, *planted])
    assert count >= 19
    assert all(later - 300 == first for later, first, _ in pairs)
    assert all(value >= near.LIKENESS for _, _, value in pairs)


def test_texts_that_share_a_template_are_no_copies() -> None:
    source = random.Random(1)
    texts = [
        "please answer the question below: " + " ".join(source.choices(VOCABULARY, k=15)) for _ in range(100)
    ]
    assert groups(texts)[0] == 0


def test_a_chain_is_one_group() -> None:
    text = sentences(1, 3, length=200)[0]
    chain = [text]
    for step in range(5):
        chain.append(edited(chain[-1], 1, step))
    assert groups(chain)[0] == 5


def test_short_texts_are_not_compared() -> None:
    assert groups(["see you later", "see you late"]) == (0, [])
    assert len(signatures(["one two three four five"])) == 0


def test_parts_merge_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = sentences(100, 1)
    texts += [edited(text, 1, at) for at, text in enumerate(texts)]
    whole = groups(texts)
    merged = NearTexts()
    for start in range(160, -1, -40):
        piece = NearTexts()
        piece.update(signatures(texts[start : start + 40], start))
        merged.merge(piece)
    assert (merged.groups(), merged.compared, merged.whole) == (whole, 200, True)
    monkeypatch.setattr(near, "TEXTS", 50)
    merged.merge(NearTexts())
    assert (merged.compared, merged.whole) == (50, False)


def test_an_evaluation_set_is_looked_up_in() -> None:
    texts = sentences(50, 1, length=60)
    index = NearIndex(signatures(texts), np.arange(100, 150))
    found, rows, values = index.matches(signatures([sentences(1, 9)[0], edited(texts[7], 1, 1)]))
    assert (found.tolist(), rows.tolist()) == ([1], [107])
    assert values[0] >= near.LIKENESS
    assert index.matches(Signatures.none())[0].tolist() == []
