"""The header of a safetensors file to be written and the order of its tensors: the reference writer's."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence

from msgspec import Struct

from modelward.core.errors import LimitExceeded
from modelward.formats.checkpoint import Tensor
from modelward.formats.safetensors import MAX_HEADER_BYTES

#: The order of types that the reference writer sorts by, the last first, so that all tensors are aligned.
_ORDER = (
    "BOOL", "F4", "F6_E2M3", "F6_E3M2", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "I16", "U16", "F16",
    "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64",
)  # fmt: skip


class Layout(Struct, frozen=True):
    """The header as it stands in the file, after its length, and the tensors in the order of their data."""

    header: bytes
    tensors: tuple[Tensor, ...]


def layout(tensors: Sequence[Tensor], metadata: Mapping[str, str]) -> Layout:
    """The layout of a file with these tensors, which is the same whatever order they are given in.

    Raises LimitExceeded if the header is longer than readers take.
    """
    ordered = sorted(tensors, key=lambda tensor: (-_ORDER.index(tensor.dtype), tensor.name.encode()))
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for tensor in ordered:
        end = at + tensor.bytes
        header[tensor.name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER_BYTES:
        raise LimitExceeded(f"the header would be over {MAX_HEADER_BYTES} bytes long")
    return Layout(struct.pack("<Q", len(text)) + text, tuple(ordered))
