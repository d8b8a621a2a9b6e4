"""TensorProto of ONNX: whether its sizes hold, and which file its data lie in."""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec import Struct, field

from modelward.formats.facts import Malformed, Overflow, PathEscape, RemoteFetch
from modelward.formats.graph_facts import ExternalKey, Unread
from modelward.formats.paths import beside, escapes, is_url
from modelward.formats.protobuf import BYTES, FIXED32, FIXED64, VARINT, Message

#: TensorProto.DataType -> bits per element; text has none.
_BITS = {
    1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128,
    16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2,
}  # fmt: skip
#: Field of typed data -> bytes per element where they are of fixed width.
_TYPED = {4: 4, 10: 8}
_EXTERNAL = 1
_MAX_PATH = 4096
#: What external data are described by; onnxruntime adds its `prepacked_` blobs.
_KEYS = frozenset({"location", "offset", "length", "checksum", "basepath"})
#: onnxruntime's mark for data in memory: the offset is then an address.
_MEMORY = "_ORT_MEM_ADDR_"
#: More than any file holds.
_FAR = 1 << 50
#: More dimensions than any tensor has; their product is a number of any length.
_MAX_RANK = 64


class Tensor(Struct):
    """What a TensorProto says; `raw` is the length of its data, None where there are none."""

    name: str
    offset: int
    kind: int = 0
    dims: list[int] = field(default_factory=list)
    raw: int | None = None
    typed: int | None = None
    external: list[tuple[str, str]] = field(default_factory=list)
    location: int = 0


def read_tensor(message: Message) -> Tensor:
    """The headers of a tensor; its data are stepped over. Raises InputError, LimitExceeded."""
    found = Tensor("", message.start)
    for entry in message.fields():
        number, wire = entry.number, entry.wire
        if number == 1 and wire in (BYTES, VARINT):
            found.dims += message.numbers(entry)
        elif wire == VARINT:
            if number == 2:
                found.kind = entry.value
            elif number == 14:
                found.location = entry.value
        elif wire == BYTES:
            if number == 8:
                found.name = message.text(entry)
            elif number == 9:
                found.raw = entry.value
            elif number == 13:
                key, value = message.child(entry).texts(1, 2)
                found.external.append((key, value))
            elif number in _TYPED:
                found.typed = (found.typed or 0) + entry.value // _TYPED[number]
        elif wire in (FIXED32, FIXED64) and number in _TYPED:
            found.typed = (found.typed or 0) + 1
    return found


def tensor_facts(tensor: Tensor, name: str, siblings: frozenset[str], size: int) -> Iterator[object]:
    """What is wrong with a tensor of the model file `name`, which has `size` bytes."""
    where = f"tensor {tensor.name[:80]!r}"
    if len(tensor.dims) > _MAX_RANK:
        yield Overflow("ONNX", f"{where} has {len(tensor.dims)} dimensions", tensor.offset)
        return
    count = math.prod(tensor.dims)
    bits = _BITS.get(tensor.kind)
    needed = None if bits is None else (count * bits + 7) // 8
    if any(dim < 0 for dim in tensor.dims):
        yield Overflow("ONNX", f"{where} has a dimension below zero", tensor.offset)
        needed = None
    elif count * (bits or 8) >= 1 << 63:
        yield Overflow("ONNX", f"the dimensions of {where} overflow", tensor.offset)
        needed = None
    elif tensor.location == _EXTERNAL or tensor.external:
        yield from _external(tensor, where, name, siblings, needed)
    elif needed is not None and tensor.raw is not None and tensor.raw != needed:
        message = f"{where} needs {needed} bytes and has {tensor.raw}"
        yield (Overflow if needed > tensor.raw else Malformed)("ONNX", message, tensor.offset)
    elif tensor.typed is not None and bits is not None and tensor.raw is None:
        complex_parts = 2 if tensor.kind in (14, 15) else 1
        if tensor.typed != count * complex_parts:
            message = f"{where} needs {count} values and has {tensor.typed}"
            kind = Overflow if count * complex_parts > tensor.typed else Malformed
            yield kind("ONNX", message, tensor.offset)


def _external(
    tensor: Tensor, where: str, name: str, siblings: frozenset[str], needed: int | None
) -> Iterator[object]:
    at = tensor.offset
    given = dict(tensor.external)
    for key, _ in tensor.external:
        if key not in _KEYS and not key.startswith("prepacked_"):
            yield ExternalKey(tensor.name, key, at)
    if len(given) != len(tensor.external):
        yield Malformed("ONNX", f"{where} describes its external data twice", at)
    for key, path in tensor.external:
        if key in ("location", "basepath"):
            yield from location_facts(where, path, name, siblings, at)
    for key in ("offset", "length"):
        if key in given and not (given[key].isascii() and given[key].isdigit()):
            negative = given[key].strip()[:1] == "-"
            kind = Overflow if negative else Malformed
            yield kind("ONNX", f"{where} has the {key} {given[key][:40]!r} in its external data", at)
            return
    offset, length = int(given.get("offset", "0")[:40]), int(given.get("length", "0")[:40])
    if offset + length >= _FAR:
        yield Overflow("ONNX", f"{where} lies at byte {offset}, of {length}, of its file", at)
    elif needed is not None and "length" in given and length != needed:
        kind = Overflow if length < needed else Malformed
        yield kind("ONNX", f"{where} needs {needed} bytes and takes {length} of its file", at)


def location_facts(where: str, path: str, name: str, siblings: frozenset[str], at: int) -> Iterator[object]:
    """What is wrong with the file that data of the model `name` are said to lie in."""
    if _MEMORY in path:
        yield Overflow("ONNX", f"{where} says that its data lie at an address in memory", at)
    elif is_url(path):
        yield RemoteFetch(where, path, "its data are read from there", at)
    elif escapes(path) or len(path) > _MAX_PATH:
        yield PathEscape(where, path, "its data are read from there", at)
    elif not path:
        yield Malformed("ONNX", f"{where} has external data in no file", at)
    elif siblings and beside(name, path) not in siblings:
        yield Unread(f"the file {path[:80]!r}, which holds data of its tensors, is not there")
