"""Configurations and tokenizers, difference by difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelward.core.errors import InputError
from modelward.pipeline.derivation.description import architecture, tokenizer


def place(path: Path, **files: Any) -> Path:
    path.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (path / name.replace("__", ".")).write_text(text)
    return path


def words(*tokens: str, **more: Any) -> dict[str, Any]:
    vocabulary = {token: at for at, token in enumerate(tokens)}
    return {"model": {"vocab": vocabulary, "merges": ["a b"]}, **more}


def test_architecture_is_compared_field_by_field(tmp_path: Path) -> None:
    base = place(tmp_path / "base", config__json={"hidden_size": 8, "rope": {"theta": 1}, "dtype": "x"})
    model = place(tmp_path / "model", config__json={"hidden_size": 9, "rope": {"theta": 1.0}, "auto_map": {}})
    assert architecture(model, base) == [
        "auto_map: none -> {}",
        "hidden_size: 8 -> 9",
        "rope.theta: 1 -> 1.0",
    ]


def test_tokens_are_compared_with_their_numbers(tmp_path: Path) -> None:
    base = place(tmp_path / "base", tokenizer__json=words("a", "b", "c"))
    added = [{"id": 9, "content": "<evil>"}]
    model = place(tmp_path / "model", tokenizer__json=words("a", "c", decoder={"x": 1}, added_tokens=added))
    assert tokenizer(model, base) == [
        "1 token added: '<evil>'",
        "1 token removed: 'b'",
        "1 token with another number: 'c'",
        "another decoder",
    ]


def test_equal_tokenizers_differ_in_nothing(tmp_path: Path) -> None:
    paths = [
        place(tmp_path / name, vocab__txt="a\nb", merges__txt="a b", tokenizer__json=words("a"))
        for name in ("one", "two")
    ]
    assert tokenizer(*paths) == []
    (paths[1] / "merges.txt").write_text("b a")
    assert tokenizer(*paths) == ["another merges.txt"]


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    base = place(tmp_path / "base", vocab__json={"a": 0})
    assert tokenizer(place(tmp_path / "model"), base) == ["the model has no tokenizer that is read"]


def test_names_are_shown_in_bounds(tmp_path: Path) -> None:
    base = place(tmp_path / "base", config__json={})
    model = place(tmp_path / "model", config__json={f"{at}-{'x' * 500}": "y" * 500 for at in range(300)})
    found = architecture(model, base)
    assert len(found) == 201
    assert max(map(len, found)) < 300


@pytest.mark.parametrize("text", ["[1]", "{", '{"a": 1, "a": 2}', '{"a": NaN}'])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    base = place(tmp_path / "base", config__json={})
    with pytest.raises(InputError):
        architecture(place(tmp_path / "model", config__json=text), base)
