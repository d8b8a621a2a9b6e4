"""safetensors: a JSON header that says where each tensor lies, then the tensors.

Read as the format asks (huggingface/safetensors, "Format" and its notes) and stricter: the tensors must
fill the data exactly, without overlap or hole, each of the size that its type and shape give; a key may
occur once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.metadata_code import MetadataCode, code_in
from modelward.formats.source import Source

MAX_HEADER_BYTES = 100_000_000  # what the reference reader accepts
MAX_READ_BYTES = 32 << 20  # what is parsed here; past it the answer is incomplete
MAX_RANK = 64

#: Type -> bits per element.
DTYPE_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16,
    "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip


class Problem(Struct, frozen=True):
    """One way in which a file is not valid safetensors; unless `readable`, it may be something else."""

    message: str
    offset: int = 0
    readable: bool = True


def problems(source: Source) -> Iterator[Problem]:
    """What is wrong with a file that begins like safetensors. Raises LimitExceeded, see `facts`."""
    return (fact for fact in facts(source) if isinstance(fact, Problem))


def facts(source: Source) -> Iterator[Problem | MetadataCode]:
    """What is wrong with a file that begins like safetensors, and code in its metadata.

    Raises LimitExceeded if the header is too long to parse.
    """
    length = int.from_bytes(source.read(0, 8), "little")
    if length > MAX_READ_BYTES:
        raise LimitExceeded(f"its header is over {MAX_READ_BYTES >> 20} MiB")
    if 8 + length > source.size:
        yield Problem(f"its header of {length} bytes is longer than the file", readable=False)
        return
    try:
        header = strict_json.loads(source.read(8, length), what="its header", max_bytes=MAX_READ_BYTES)
    except LimitExceeded:
        raise
    except InputError as error:
        yield Problem(error.message, 8, readable=False)
        return
    if not isinstance(header, dict):
        yield Problem("its header is not a JSON object", 8)
        return
    yield from _metadata(header.pop("__metadata__", {}))
    spans: list[tuple[int, int, str]] = []
    for name, entry in header.items():
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name):
            yield Problem(f"tensor {name!r} is named like a path out of the folder", 8)
        problem = _tensor(entry)
        if problem:
            yield Problem(f"tensor {name!r}: {problem}", 8)
        else:
            spans.append((*entry["data_offsets"], name))
    if len(spans) == len(header):
        yield from _layout(sorted(spans), 8 + length, source.size)


def _metadata(metadata: Any) -> Iterator[Problem | MetadataCode]:
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        yield Problem("__metadata__ does not map text to text", 8)
        return
    for key, value in metadata.items():
        if found := code_in(f"metadata {key!r}", value):
            yield found


def _tensor(entry: Any) -> str | None:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        return "it does not have exactly dtype, shape and data_offsets"
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    bits = DTYPE_BITS.get(dtype) if isinstance(dtype, str) else None
    if bits is None:
        return f"its dtype {str(dtype)[:40]!r} does not exist"
    if not _naturals(shape) or len(shape) > MAX_RANK:
        return "its shape is not a list of sizes"
    if not _naturals(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        return "its data_offsets are not a beginning and an end"
    if max(shape, default=0) >= 1 << 63 or math.prod(shape) * bits >= 1 << 64:
        return "its size overflows"
    size, rest = divmod(math.prod(shape) * bits, 8)
    if rest or size != offsets[1] - offsets[0]:
        return f"its shape needs {size} bytes and its data_offsets give {offsets[1] - offsets[0]}"
    return None


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def _layout(spans: list[tuple[int, int, str]], start: int, size: int) -> Iterator[Problem]:
    at = 0
    for begin, end, name in spans:
        if begin < at:
            yield Problem(f"tensor {name!r} overlaps the one before it", start + begin)
        elif begin > at:
            yield Problem(f"{begin - at} bytes before tensor {name!r} belong to none", start + at)
        at = max(at, end)
    if start + at > size:
        yield Problem(f"the tensors reach {start + at - size} bytes past the end of the file", size)
    elif start + at < size:
        yield Problem(f"{size - start - at} bytes after the last tensor belong to none", start + at)
