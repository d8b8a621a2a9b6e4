"""Tensors over verified bytes: read-only, without a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from modelward.core import strict_json
from modelward.core.errors import InputError, MissingExtra, UsageError
from modelward.deploy.memory import MemorySource
from modelward.formats import safetensors

#: safetensors' types that numpy has -> numpy's name, little-endian as in the file.
NUMPY_DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "C64": "<c8",
}  # fmt: skip


class RawTensor(NamedTuple):
    """A tensor as it lies in the file. dtype: safetensors' name (`BF16`). data: its bytes, read-only."""

    dtype: str
    shape: tuple[int, ...]
    data: memoryview


def read_safetensors(view: memoryview, name: str) -> Iterator[tuple[str, RawTensor]]:
    """The tensors of the safetensors file `name` whose bytes are `view`, by name, in the header's order.

    Raises InputError for anything but strictly valid safetensors, LimitExceeded for an oversized header.
    """
    try:
        for problem in safetensors.problems(MemorySource(view)):
            raise InputError(problem.message, help="write the file again with the safetensors library")
        start = 8 + int.from_bytes(view[:8], "little")
        header = strict_json.loads(bytes(view[8:start]), what="its header")
    except InputError as error:
        error.where = name
        raise
    header.pop("__metadata__", None)
    for tensor, entry in header.items():
        begin, end = entry["data_offsets"]
        yield tensor, RawTensor(entry["dtype"], tuple(entry["shape"]), view[start + begin : start + end])


def maker(framework: str) -> Callable[[str, RawTensor], Any]:
    """What turns a tensor's name and raw form into an array. Raises UsageError, or MissingExtra."""
    if framework == "raw":
        return lambda _, raw: raw
    if framework == "numpy":
        try:
            import numpy as np
        except ModuleNotFoundError:
            raise MissingExtra("numpy", 'load(framework="numpy")') from None
        return lambda name, raw: _numpy_array(np, name, raw)
    raise UsageError(f"unknown framework {framework!r}", help='use "numpy", or "raw" for the bytes')


def _numpy_array(np: Any, name: str, raw: RawTensor) -> Any:
    dtype = NUMPY_DTYPES.get(raw.dtype)
    if dtype is None:
        raise InputError(
            f"numpy has no type for {raw.dtype}",
            where=f"tensor {name!r}",
            help='load with framework="raw" and convert the bytes',
        )
    if raw.dtype == "BOOL" and raw.data.nbytes and np.frombuffer(raw.data, "u1").max() > 1:
        raise InputError("a BOOL is neither 0 nor 1", where=f"tensor {name!r}")
    try:
        # Not ndarray(buffer=...), which keeps what is under the view and lets its owner make it writable.
        return np.frombuffer(raw.data, dtype).reshape(raw.shape)
    except ValueError as error:
        raise InputError(
            f"numpy cannot hold it: {error}", where=f"tensor {name!r}", help='load with framework="raw"'
        ) from error
