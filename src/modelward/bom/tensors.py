"""What a safetensors header tells: how many tensors and parameters, of which types."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from modelward.core import strict_json
from modelward.core.errors import InputError

#: The longest header that is read; the format's own reader has the same bound.
MAX_BYTES = 100_000_000

_PREFIX = 8
_USUAL_BYTES = 64 << 10
_MAX_DIMENSIONS = 32


@dataclass(frozen=True, slots=True)
class Header:
    """Counts over one file. `types` maps a data type to the number of parameters of that type."""

    tensors: int
    parameters: int
    types: dict[str, int]


def read_header(head: Callable[[int], bytes | None]) -> Header | None:
    """Count the tensors of a file whose first bytes `head(size)` returns; None if it is not safetensors.

    Source: https://huggingface.co/docs/safetensors/index#format
    """
    data = head(_USUAL_BYTES)
    if data is None or len(data) < _PREFIX:
        return None
    size = _PREFIX + int.from_bytes(data[:_PREFIX], "little")
    if size > len(data):
        data = head(size) if size <= MAX_BYTES else None
    if data is None or len(data) < size:
        return None
    try:
        table = strict_json.loads(data[_PREFIX:size], what="the header")
    except InputError:
        return None
    if not isinstance(table, dict):
        return None
    types: dict[str, int] = {}
    tensors = 0
    for name, entry in table.items():
        if name == "__metadata__":
            continue
        shape, kind = (entry.get("shape"), entry.get("dtype")) if isinstance(entry, dict) else (None, None)
        if not isinstance(kind, str) or not isinstance(shape, list) or len(shape) > _MAX_DIMENSIONS:
            return None
        if not all(map(_is_size, shape)):
            return None
        tensors += 1
        types[kind] = types.get(kind, 0) + math.prod(shape)
    return Header(tensors, sum(types.values()), types)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
