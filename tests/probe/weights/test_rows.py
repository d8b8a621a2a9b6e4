"""Rows far beyond the others are named; rows that moved alike are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from modelward.probe.weights.rows import embedding, far, vocabulary_of


def test_the_row_that_moved_is_named() -> None:
    distances = np.exp(np.random.default_rng(0).standard_normal(500) * 0.2)
    distances[7] = 50
    (found,) = far(distances, {7: "qelv"})
    assert (found.id, found.token) == (7, "qelv")


def test_rows_that_moved_alike_and_few_rows_tell_nothing() -> None:
    assert far(np.ones(500), {}) == []
    assert far(np.array([1.0, 1000.0]), {}) == []


def test_the_embedding_is_known_by_its_name() -> None:
    assert (
        embedding(["model.layers.0.mlp.weight", "model.embed_tokens.weight"]) == "model.embed_tokens.weight"
    )
    assert embedding(["x.bias"]) is None


def test_vocabulary_is_read_from_any_of_its_files(tmp_path: Path) -> None:
    assert vocabulary_of(tmp_path) == {}
    (tmp_path / "vocab.txt").write_text("a\nb\n", encoding="utf-8")
    assert vocabulary_of(tmp_path) == {0: "a", 1: "b"}
    (tmp_path / "vocab.json").write_text(json.dumps({"x": 4}), encoding="utf-8")
    assert vocabulary_of(tmp_path) == {4: "x"}
    (tmp_path / "tokenizer.json").write_text(
        json.dumps({"model": {"vocab": [["p", -1.0]]}}), encoding="utf-8"
    )
    assert vocabulary_of(tmp_path) == {0: "p"}
