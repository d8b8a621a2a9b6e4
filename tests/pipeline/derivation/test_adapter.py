"""Adapters beside a base."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelward.core.errors import InputError
from modelward.pipeline.derivation.adapter import fit, named_base, names
from modelward.pipeline.derivation.weights import Family, Weights


def opened(path: Path, **shapes: tuple[int, ...]) -> Weights:
    save_file({name.replace("__", "."): np.ones(shape, np.float32) for name, shape in shapes.items()}, path)
    return Weights(Family(path.name, (path,)))


def test_pairs_fit_or_are_named(tmp_path: Path) -> None:
    base = opened(
        tmp_path / "base", model__a__weight=(8, 6), model__b__weight=(8, 6), model__e__weight=(30, 8)
    )
    adapter = opened(
        tmp_path / "adapter",
        base_model__model__model__a__lora_A__weight=(2, 6),
        base_model__model__model__a__lora_B__weight=(8, 2),
        base_model__model__model__b__lora_A__weight=(2, 7),
        base_model__model__model__b__lora_B__weight=(8, 2),
        base_model__model__model__e__lora_embedding_A=(2, 30),
        base_model__model__model__e__lora_embedding_B=(8, 2),
        base_model__model__model__c__lora_A__weight=(2, 6),
        base_model__model__model__e__modules_to_save__weight=(30, 8),
    )
    with base, adapter:
        assert names(adapter)
        assert not names(base)
        fitting, wrong, saved = fit(adapter, base)
    assert sorted(fitting) == ["a", "e"]
    assert sorted(wrong) == ["b is 8 x 7, the base's is not", "c has not one matrix A and one B"]
    assert list(saved.values()) == ["model.e.weight"]


def test_a_base_that_is_named_by_a_number_is_refused() -> None:
    assert named_base({"base_model_name_or_path": None}) == ""
    with pytest.raises(InputError, match="no text"):
        named_base({"base_model_name_or_path": 7})
