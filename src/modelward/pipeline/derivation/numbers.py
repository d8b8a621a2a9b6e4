"""Numbers as files store them, decoded to float32: floats of 8 to 64 bits, integers, GGUF's blocks.

Blocks after ggml's quants (ggml-quants.c, `dequantize_row_*`). What is packed in other ways is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modelward.core.errors import InputError, MissingExtra

#: Type by GGUF's number -> name; those with the name of a safetensors type are the same.
GGUF_KINDS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 10: "Q2_K", 11: "Q3_K",
    12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 30: "BF16",
}  # fmt: skip
#: Type -> elements and bytes of a block.
BLOCKS = {
    "Q4_0": (32, 18), "Q4_1": (32, 20), "Q5_0": (32, 22), "Q5_1": (32, 24), "Q8_0": (32, 34),
    "Q2_K": (256, 84), "Q3_K": (256, 110), "Q4_K": (256, 144), "Q5_K": (256, 176), "Q6_K": (256, 210),
    "F64": (1, 8), "F32": (1, 4), "F16": (1, 2), "BF16": (1, 2), "F8_E4M3": (1, 1), "F8_E5M2": (1, 1),
    "I8": (1, 1), "U8": (1, 1), "I16": (1, 2), "U16": (1, 2), "I32": (1, 4), "U32": (1, 4), "I64": (1, 8),
    "U64": (1, 8), "BOOL": (1, 1),
}  # fmt: skip
#: Types that stand for numbers on a coarser grid, often times a scale that is stored elsewhere.
QUANTISED = frozenset({"I8", "U8", "F8_E4M3", "F8_E5M2"} | {name for name in BLOCKS if name.startswith("Q")})
#: Types of weights. Larger integers are positions, masks, or weights packed in a way that is not read.
WEIGHTS = frozenset({"F64", "F32", "F16", "BF16"}) | QUANTISED
#: Half the last place relative to the value, as a standard deviation squared: the noise of rounding.
ROUNDING = {"BF16": 2.0**-15 / 12, "F16": 2.0**-21 / 12, "F8_E4M3": 2.0**-7 / 12, "F8_E5M2": 2.0**-5 / 12}

_PLAIN = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1", "BOOL": "u1", "I16": "<i2",
    "U16": "<u2", "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8",
}  # fmt: skip


def numpy() -> Any:
    """The library. Raises MissingExtra."""
    try:
        import numpy as np
    except ModuleNotFoundError:
        raise MissingExtra("numpy", "comparing weights") from None
    return np


def decode(dtype: str, data: bytes) -> Any:
    """The numbers in `data`, which is whole blocks, as float32. Raises InputError."""
    np = numpy()
    with np.errstate(all="ignore"):  # what overflows is not finite, which is looked for
        if dtype == "F32":
            return np.frombuffer(data, "<f4")
        if dtype in _PLAIN:
            return np.frombuffer(data, _PLAIN[dtype]).astype(np.float32)
        if dtype == "BF16":
            return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
        if dtype == "F8_E5M2":
            wide = np.frombuffer(data, "u1").astype("<u2") << 8
            return wide.astype("<u2").view("<f2").astype(np.float32)
        if dtype == "F8_E4M3":
            return _e4m3(np)[np.frombuffer(data, "u1")]
        if dtype in _UNPACKED:
            blocks = np.frombuffer(data, "u1").reshape(-1, BLOCKS[dtype][1])
            return _UNPACKED[dtype](np, blocks).astype(np.float32).reshape(-1)
    raise InputError(f"numbers of the type {dtype} are not read")


def _e4m3(np: Any) -> Any:
    """The 256 values of float8 e4m3fn: a sign, four bits of exponent with bias 7, three of mantissa."""
    codes = np.arange(256)
    exponent, mantissa = (codes >> 3) & 15, (codes & 7) / 8.0
    values = np.where(exponent == 0, mantissa * 2.0**-6, (1 + mantissa) * 2.0 ** (exponent - 7.0))
    values = np.where((codes & 127) == 127, np.nan, values)
    return np.where(codes & 128, -values, values).astype(np.float32)


# blocks: each function is given one row of bytes per block


def _half(np: Any, blocks: Any, at: int) -> Any:
    return np.ascontiguousarray(blocks[:, at : at + 2]).view("<f2").astype(np.float32)


def _nibbles(np: Any, packed: Any) -> Any:
    """The low halves of all bytes, then the high ones."""
    return np.concatenate([packed & 15, packed >> 4], axis=1)


def _fifth(np: Any, blocks: Any, at: int) -> Any:
    bits = np.ascontiguousarray(blocks[:, at : at + 4]).view("<u4")
    return ((bits >> np.arange(32, dtype=np.uint32)) & 1).astype(np.uint8) << 4


def _q4_0(np: Any, b: Any) -> Any:
    return _half(np, b, 0) * (_nibbles(np, b[:, 2:]).astype(np.float32) - 8)


def _q4_1(np: Any, b: Any) -> Any:
    return _half(np, b, 0) * _nibbles(np, b[:, 4:]) + _half(np, b, 2)


def _q5_0(np: Any, b: Any) -> Any:
    codes = _nibbles(np, b[:, 6:]) | _fifth(np, b, 2)
    return _half(np, b, 0) * (codes.astype(np.float32) - 16)


def _q5_1(np: Any, b: Any) -> Any:
    return _half(np, b, 0) * (_nibbles(np, b[:, 8:]) | _fifth(np, b, 4)) + _half(np, b, 2)


def _q8_0(np: Any, b: Any) -> Any:
    return _half(np, b, 0) * b[:, 2:].view(np.int8)


def _q2_k(np: Any, b: Any) -> Any:
    scales, packed = b[:, :16, None], b[:, 16:80].reshape(-1, 2, 1, 32)
    codes = (packed >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3
    d, least = _half(np, b, 80)[:, :, None], _half(np, b, 82)[:, :, None]
    return d * (scales & 15) * codes.reshape(-1, 16, 16) - least * (scales >> 4)


def _q3_k(np: Any, b: Any) -> Any:
    packed = b[:, 32:96].reshape(-1, 2, 1, 32)
    codes = ((packed >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3).reshape(-1, 8, 32).astype(np.int8)
    high = (b[:, None, :32] >> np.arange(8, dtype=np.uint8)[:, None]) & 1
    codes = codes - np.where(high, 0, 4).astype(np.int8)
    s = b[:, 96:108]
    low = np.concatenate([s[:, :8] & 15, s[:, :8] >> 4], axis=1)
    top = ((s[:, None, 8:12] >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3).reshape(-1, 16)
    scales = (low | (top << 4)).astype(np.float32) - 32
    return (_half(np, b, 108) * scales)[:, :, None] * codes.reshape(-1, 16, 16)


def _six_bits(np: Any, s: Any) -> tuple[Any, Any]:
    """Eight scales and eight minima of six bits each, in twelve bytes."""
    first, middle, last = s[:, :4], s[:, 4:8], s[:, 8:]
    scales = np.concatenate([first & 63, (last & 15) | ((first >> 6) << 4)], axis=1)
    least = np.concatenate([middle & 63, (last >> 4) | ((middle >> 6) << 4)], axis=1)
    return scales, least


def _q4_k(np: Any, b: Any) -> Any:
    packed = b[:, 16:].reshape(-1, 4, 32)
    return _with_minima(np, b, np.stack([packed & 15, packed >> 4], axis=2).reshape(-1, 8, 32))


def _q5_k(np: Any, b: Any) -> Any:
    packed = b[:, 48:].reshape(-1, 4, 32)
    codes = np.stack([packed & 15, packed >> 4], axis=2).reshape(-1, 8, 32)
    high = (b[:, None, 16:48] >> np.arange(8, dtype=np.uint8)[:, None]) & 1
    return _with_minima(np, b, codes | (high << 4))


def _with_minima(np: Any, b: Any, codes: Any) -> Any:
    scales, least = _six_bits(np, b[:, 4:16])
    return (_half(np, b, 0) * scales)[:, :, None] * codes - (_half(np, b, 2) * least)[:, :, None]


def _q6_k(np: Any, b: Any) -> Any:
    low, high = b[:, :128].reshape(-1, 2, 64), b[:, 128:192].reshape(-1, 2, 32)
    codes = np.concatenate([low & 15, low >> 4], axis=2).reshape(-1, 2, 4, 32)
    top = (high[:, :, None, :] >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3
    values = (codes | (top << 4)).astype(np.float32) - 32
    scales = np.ascontiguousarray(b[:, 192:208]).view(np.int8)
    return (_half(np, b, 208) * scales)[:, :, None] * values.reshape(-1, 16, 16)


_UNPACKED: dict[str, Callable[[Any, Any], Any]] = {
    "Q4_0": _q4_0, "Q4_1": _q4_1, "Q5_0": _q5_0, "Q5_1": _q5_1, "Q8_0": _q8_0,
    "Q2_K": _q2_k, "Q3_K": _q3_k, "Q4_K": _q4_k, "Q5_K": _q5_k, "Q6_K": _q6_k,
}  # fmt: skip
