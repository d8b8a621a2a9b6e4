"""PaddlePaddle: programs (framework.proto), and the parameters beside them, one tensor after another."""

from __future__ import annotations

import math
from collections.abc import Iterator

from modelward.core.errors import InputError
from modelward.formats.facts import EmbeddedCode, Malformed, Overflow, PathEscape, RemoteFetch
from modelward.formats.paddle_names import NAMES
from modelward.formats.paths import escapes
from modelward.formats.protobuf import BYTES, VARINT, Field, Message
from modelward.formats.source import Source

#: Operation -> what it does with the file that it names.
FILES = {
    "save": "writes to it", "save_combine": "writes to it", "sparse_table_save": "writes to it",
    "checkpoint_notify": "writes to it", "load": "reads it", "load_combine": "reads it",
    "create_recordio_file_reader": "reads it", "open_files": "reads it", "read_file": "reads it",
}  # fmt: skip
PYTHON = frozenset({"py_func", "py_layer", "pylayer", "pd_op.py_func"})
_ENDPOINTS = ("endpoint", "epmap", "endpoints", "server_endpoint")
PATHS = ("file_path", "filename", "file_names", "file_name", "dirname", "file_pattern", "dir", "path")
#: VarType.Type -> bytes per element.
_WIDTHS = {0: 1, 1: 2, 2: 4, 3: 8, 4: 2, 5: 4, 6: 8, 19: 8, 20: 1, 21: 1, 22: 2, 23: 8, 24: 16, 32: 1, 33: 1}
_MAX_DESCRIPTION = 1 << 10
_MAX_LEVELS = 64


def is_program(roots: dict[int, list[Field]], root: Message) -> bool:
    """Whether a file has blocks, each with its number and its parent's, variables and operations."""
    return roots.keys() <= {1, 4, 5, 6} and any(_is_block(root, entry) for entry in roots.get(1, []))


def _is_block(root: Message, entry: Field) -> bool:
    if entry.wire != BYTES:
        return False
    wires = {part.number: part.wire for part in root.child(entry).fields()}
    return (
        wires.get(1) == wires.get(2) == VARINT
        and (wires.get(3) == BYTES or wires.get(4) == BYTES)
        and wires.keys() <= {1, 2, 3, 4, 5}
    )


def facts(root: Message, name: str, siblings: frozenset[str]) -> Iterator[object]:
    """What running a ProgramDesc could do. Raises InputError, LimitExceeded."""
    for entry in root.fields():
        if entry[:2] != (1, BYTES):
            continue
        block = root.child(entry)
        for part in block.fields():
            if part[:2] == (4, BYTES):
                yield from _operation(block.child(part))


def _operation(operation: Message) -> Iterator[object]:
    kind = ""
    attributes = []
    for entry in operation.fields():
        if entry[:2] == (3, BYTES):
            kind = operation.text(entry)
        elif entry[:2] == (4, BYTES):
            attributes.append(entry)
    at = operation.start
    where = f"the operation {kind}"
    if kind in PYTHON:
        harm = "calls a Python function of the process that runs the program"
        yield EmbeddedCode(kind, where, harm=harm, offset=at)
    elif kind in FILES or kind not in NAMES:
        if kind not in NAMES:
            yield EmbeddedCode(kind, "the custom operation", kind, offset=at)
        for entry in attributes:
            key, values = _attribute(operation.child(entry))
            for value in values:
                if key in _ENDPOINTS and value:
                    yield RemoteFetch(where, value, "the program connects to it", at)
                elif key in PATHS and escapes(value):
                    yield PathEscape(where, value, f"the program {FILES.get(kind, 'uses it')}", at)
    elif kind in ("send", "recv", "listen_and_serv", "fetch_barrier", "send_barrier", "prefetch"):
        for entry in attributes:
            key, values = _attribute(operation.child(entry))
            if key in _ENDPOINTS:
                for value in values:
                    yield RemoteFetch(where, value, "the program connects to it", at)


def _attribute(attribute: Message) -> tuple[str, list[str]]:
    """The name of an attribute and its texts."""
    name, values = "", []
    for entry in attribute.fields():
        if entry[:2] == (1, BYTES):
            name = attribute.text(entry)
        elif entry.number in (5, 8) and entry.wire == BYTES and entry.value < 1 << 16:
            values.append(attribute.text(entry))
    return name, values


def begins(head: bytes) -> bool:
    """Whether bytes begin with a dense tensor that has no levels: versions, and a description's length."""
    return (
        head[:16] == bytes(16)
        and 2 <= int.from_bytes(head[16:20], "little") <= _MAX_DESCRIPTION
        and head[20:21] == b"\x08"
    )


def parameters(source: Source) -> Iterator[object]:
    """What is wrong with a file of parameters (`phi::SerializeToStream`). Raises InputError.

    Each tensor: version 0, levels of detail, version 0, a description in a message, the numbers.
    """
    at = 0
    while at < source.size:
        begin = at
        levels = int.from_bytes(_exactly(source, at, 12)[4:], "little")
        if levels > _MAX_LEVELS:
            yield Overflow("PaddlePaddle", f"the tensor at byte {begin} has {levels} levels", begin)
            return
        at += 12
        for _ in range(levels):
            at += 8 + int.from_bytes(_exactly(source, at, 8), "little")
        head = _exactly(source, at, 8)
        length = int.from_bytes(head[4:], "little", signed=True)
        if not 0 < length <= _MAX_DESCRIPTION:
            yield Malformed("PaddlePaddle", f"the tensor at byte {begin} has no description", begin)
            return
        at += 8
        kind, dims = _description(Message(source, at, at + length))
        at += length
        width = _WIDTHS.get(kind)
        if width is None:
            raise InputError(f"the tensor at byte {begin} is of the unknown type {kind}")
        if any(dim < 0 for dim in dims) or math.prod(dims) * width >= 1 << 63:
            yield Overflow("PaddlePaddle", f"the dimensions of the tensor at byte {begin} overflow", begin)
            return
        at += math.prod(dims) * width
        if at > source.size:
            raise InputError(f"the tensor at byte {begin} breaks off")


def _description(message: Message) -> tuple[int, list[int]]:
    kind, dims = -1, []
    for entry in message.fields():
        if entry[:2] == (1, VARINT):
            kind = entry.value
        elif entry.number == 2:
            dims += message.numbers(entry)
    return kind, dims


def _exactly(source: Source, at: int, length: int) -> bytes:
    data = source.read(at, length)
    if len(data) != length:
        raise InputError(f"it breaks off at byte {at + len(data)}")
    return data
