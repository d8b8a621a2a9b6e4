"""Tensors of files in three formats, whose bytes are as they are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save, save_file

from modelward.core.errors import InputError
from modelward.pipeline.derivation.weights import Family, Weights, families


def read(path: Path, name: str) -> bytes:
    with Weights(Family(path.name, (path,))) as weights, weights.open(name) as source:
        return source.read(0, source.size)


def test_views_are_read_in_the_order_of_their_elements(tmp_path: Path) -> None:
    whole = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    torch.save({"turned": whole.T, "rows": whole[1:3], "all": whole}, tmp_path / "m.bin")
    for name, expected in (("turned", whole.T), ("rows", whole[1:3]), ("all", whole)):
        assert read(tmp_path / "m.bin", name) == expected.contiguous().numpy().tobytes()


def test_shards_are_one_set_and_what_training_leaves_is_none(tmp_path: Path) -> None:
    for name in ("model-00001-of-00002", "model-00002-of-00002", "other"):
        save_file({name: np.ones(2, np.float32)}, tmp_path / f"{name}.safetensors")
    torch.save({}, tmp_path / "training_args.bin")
    torch.save({}, tmp_path / "optimizer.pt")
    found = families(tmp_path)
    assert [(each.name, len(each.files)) for each in found.families] == [
        ("model.safetensors", 2),
        ("other.safetensors", 1),
    ]


def test_a_file_that_is_changed_meanwhile_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"w": np.ones(2, np.float32)}, path)
    with Weights(Family("m", (path,))) as weights:
        weights.check_unchanged()
        with path.open("r+b") as stream:
            stream.seek(-1, 2)
            stream.write(b"\x41")
        with pytest.raises(InputError, match="changed while it was read"):
            weights.check_unchanged()


VALID = save({"w": np.ones((4, 4), np.float32), "v": np.ones(3, np.float16)})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.tuples(st.integers(0, len(VALID) - 1), st.binary(max_size=4))))
def test_any_bytes_give_tensors_or_our_error(tmp_path: Path, given: bytes | tuple[int, bytes]) -> None:
    data = given
    if isinstance(data, tuple):
        data = VALID[: data[0]] + data[1] + VALID[data[0] + len(data[1]) :]
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    try:
        with Weights(Family("m", (path,))) as weights:
            for name in weights.entries:
                with weights.open(name) as source:
                    source.read(0, source.size)
    except InputError:
        pass
