"""Numbers are decoded as the libraries that write them do."""

from __future__ import annotations

import gguf
import ml_dtypes
import numpy as np
import pytest
from gguf import GGMLQuantizationType, quants

from modelward.core.errors import InputError
from modelward.pipeline.derivation.numbers import BLOCKS, GGUF_KINDS, decode

PACKED = sorted(name for name in BLOCKS if name.startswith("Q"))


@pytest.mark.parametrize("name", PACKED)
def test_blocks_are_those_of_ggml(name: str) -> None:
    data = np.random.default_rng(1).integers(0, 256, (64, BLOCKS[name][1]), dtype=np.uint8)
    for at in {"Q2_K": (80, 82), "Q3_K": (108,), "Q6_K": (208,)}.get(name, (0, 2)):
        data[:, at : at + 2] = np.frombuffer(np.full(64, 0.37, "<f2").tobytes(), np.uint8).reshape(64, 2)
    with np.errstate(all="ignore"):
        expected = quants.dequantize(data, GGMLQuantizationType[name])
    assert np.allclose(decode(name, data.tobytes()), expected.reshape(-1), rtol=1e-5, atol=1e-5)


def test_kinds_and_sizes_are_those_of_ggml() -> None:
    for number, name in GGUF_KINDS.items():
        assert GGMLQuantizationType(number).name == name
        assert gguf.GGML_QUANT_SIZES[GGMLQuantizationType(number)] == BLOCKS[name]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("BF16", ml_dtypes.bfloat16),
        ("F8_E4M3", ml_dtypes.float8_e4m3fn),
        ("F8_E5M2", ml_dtypes.float8_e5m2),
        ("F16", np.float16),
    ],
)
def test_small_floats_are_exact(name: str, kind: type) -> None:
    width = BLOCKS[name][1]
    data = np.arange(256**width, dtype=f"<u{width}").tobytes()
    assert np.array_equal(decode(name, data), np.frombuffer(data, kind).astype(np.float32), equal_nan=True)


def test_wide_numbers_lose_only_their_tail() -> None:
    values = np.array([0.1, -3.0, 1e300])
    assert decode("F64", values.tobytes()).tolist() == [np.float32(0.1), -3.0, np.inf]
    assert decode("I8", b"\xff\x01").tolist() == [-1, 1]


def test_a_type_that_is_not_read_is_no_number() -> None:
    with pytest.raises(InputError, match="F4 are not read"):
        decode("F4", b"\0")
