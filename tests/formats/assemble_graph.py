"""Graph files put together byte by byte: protocol buffers, flatbuffers, and the models made of them."""

from __future__ import annotations

import struct
from typing import Any

from modelward.formats.protobuf import Message
from modelward.formats.source import BytesSource


def varint(value: int) -> bytes:
    """A number, as unsigned 64 bit."""
    value &= (1 << 64) - 1
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | float | str | bytes) -> bytes:
    """One field: a varint, a 32 bit float, or bytes."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(*fields: tuple[int, Any]) -> bytes:
    """A message of (number, value); a value that is a list repeats its field."""
    out = b""
    for number, value in fields:
        for item in value if isinstance(value, list) else [value]:
            out += field(number, item)
    return out


def parsed(data: bytes) -> Message:
    """Bytes as a message."""
    return Message(BytesSource(data))


# ONNX


def onnx_tensor(
    name: str = "w",
    dims: tuple[int, ...] = (2,),
    raw: bytes | None = bytes(8),
    external: dict[str, str] | None = None,
    kind: int = 1,
) -> bytes:
    """A TensorProto."""
    fields: list[tuple[int, Any]] = [(1, list(dims)), (2, kind), (8, name)]
    if raw is not None:
        fields.append((9, raw))
    for key, value in (external or {}).items():
        fields.append((13, message((1, key), (2, value))))
    if external is not None:
        fields.append((14, 1))
    return message(*fields)


def onnx_node(operation: str, domain: str = "", **attributes: Any) -> bytes:
    """A NodeProto; texts and numbers become attributes."""
    fields: list[tuple[int, Any]] = [(1, "x"), (2, "y"), (3, f"the {operation}"), (4, operation)]
    for name, value in attributes.items():
        number = {str: 4, int: 3, bytes: 6}[type(value)]
        fields.append((5, message((1, name), (number, value))))
    return message(*fields, (7, domain))


def onnx_model(*nodes: bytes, tensors: tuple[bytes, ...] = (), functions: tuple[bytes, ...] = ()) -> bytes:
    """A ModelProto."""
    graph = message((1, list(nodes)), (2, "g"), (5, list(tensors)), (11, message((1, "x"))))
    return message((1, 10), (2, "test"), (7, graph), (8, message((1, ""), (2, 21))), (25, list(functions)))


# TensorFlow


def tf_node(name: str, operation: str, *inputs: str, **attributes: bytes) -> bytes:
    """A NodeDef; attributes are AttrValues."""
    pairs = [message((1, key), (2, value)) for key, value in attributes.items()]
    return message((1, name), (2, operation), (3, list(inputs)), (5, pairs))


def tf_text(name: str, value: str) -> bytes:
    """A Const of one text."""
    tensor = message((1, 7), (2, b""), (8, value))
    return tf_node(name, "Const", dtype=message((6, 7)), value=message((8, tensor)))


def tf_numbers(name: str, dims: tuple[int, ...], content: bytes) -> bytes:
    """A Const of floats."""
    shape = message((2, [message((1, dim)) for dim in dims]))
    return tf_node(name, "Const", value=message((8, message((1, 1), (2, shape), (4, content)))))


def tf_function(name: str, arguments: tuple[str, ...], *nodes: bytes) -> bytes:
    """A FunctionDef."""
    signature = message((1, name), (2, [message((1, argument)) for argument in arguments]))
    return message((1, signature), (3, list(nodes)), (4, message((1, "out"), (2, "y"))))


def tf_calls(name: str) -> bytes:
    """An AttrValue that names a function."""
    return message((10, message((1, name))))


def tf_graph(*nodes: bytes, functions: tuple[bytes, ...] = ()) -> bytes:
    """A GraphDef."""
    library = message((1, list(functions)))
    return message((1, list(nodes)), (2, [library] if functions else []), (4, message((1, 2000))))


def saved_model(graph: bytes, *more: tuple[int, Any]) -> bytes:
    """A SavedModel of one meta graph, with further fields of it."""
    info = message((4, "serve"), (5, "2.21.0"))
    return message((1, 1), (2, message((1, info), (2, graph), *more)))


# flatbuffers


def flatbuffer(identifier: bytes, root: dict[int, Any]) -> bytes:
    """A buffer whose root is a table: field -> (width, number), table, [tables], text, bytes, or tuple."""
    out = bytearray(4 + len(identifier)) if identifier else bytearray(8)
    out[4:8] = identifier
    _point(out, 0, root)
    return bytes(out)


def _point(out: bytearray, at: int, value: Any) -> None:
    """Write a value behind all others, and at `at` the offset to it."""
    out += bytes(-len(out) % 8)
    if isinstance(value, dict):
        target = _table(out, value)
    else:
        target = len(out)
        if isinstance(value, list):
            out += struct.pack("<I", len(value)) + bytes(4 * len(value))
            for index, item in enumerate(value):
                _point(out, target + 4 + 4 * index, item)
        elif isinstance(value, tuple):  # numbers, the first of them their width
            width, *numbers = value
            out += struct.pack("<I", len(numbers))
            out += b"".join((number & (1 << 8 * width) - 1).to_bytes(width, "little") for number in numbers)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += struct.pack("<I", len(data)) + data + b"\0"
    out[at : at + 4] = struct.pack("<I", target - at)


def _table(out: bytearray, fields: dict[int, Any]) -> int:
    count = max(fields, default=-1) + 1
    start = len(out)
    slots = [0] * count
    at = 4
    for number in fields:
        slots[number] = at
        at += 8
    out += struct.pack(f"<HH{count}H", 4 + 2 * count, at, *slots)
    out += bytes(-len(out) % 8)
    target = len(out)
    out += struct.pack("<i", target - start) + bytes(at - 4)
    for number, value in fields.items():
        place = target + slots[number]
        if isinstance(value, int):
            out[place : place + 8] = (value & (1 << 64) - 1).to_bytes(8, "little")
        else:
            _point(out, place, value)
    return target


def tflite(
    *,
    shape: tuple[int, ...] = (2, 2),
    content: bytes = bytes(16),
    code: dict[int, Any] | None = None,
    operator: dict[int, Any] | None = None,
    model: dict[int, Any] | None = None,
) -> bytes:
    """A TensorFlow Lite model: a weight, an input, and one operator."""
    weight = {0: (4, *shape), 1: 0, 2: 1, 3: "w"}
    given = {0: (4, 1, 2), 1: 0, 2: 0, 3: "x"}
    operators = [{0: 0, 1: (4, 1, 0), 2: (4, 1), **(operator or {})}]
    graph = {0: [weight, given], 1: (4, 1), 2: (4, 1), 3: operators, 4: "main"}
    fields: dict[int, Any] = {
        0: 3,
        1: [code or {0: 9, 3: 9}],
        2: [graph],
        3: "made by a test",
        4: [{}, {0: content}],
    }
    return flatbuffer(b"TFL3", fields | (model or {}))


def flexbuffer(*texts: bytes) -> bytes:
    """A FlexBuffer that is a vector of texts."""
    out, starts = b"", []
    for text in texts:
        out += struct.pack("<I", len(text))
        starts.append(len(out))
        out += text + b"\0"
    out += struct.pack("<I", len(texts))
    start = len(out)
    for at in starts:
        out += struct.pack("<I", len(out) - at)
    out += bytes([5 << 2 | 2]) * len(texts)
    return out + struct.pack("<I", len(out) - start) + bytes([10 << 2 | 2, 4])


def flex_options(operation: str, **attributes: bytes) -> bytes:
    """The options of an operator that runs an operation of TensorFlow."""
    return flexbuffer(operation.encode(), tf_node("n", operation, "x", **attributes))


def text_tensor(*texts: str) -> bytes:
    """The content of a tensor of texts."""
    ends = [8 + 4 * len(texts)]
    for text in texts:
        ends.append(ends[-1] + len(text.encode()))
    return struct.pack(f"<{len(texts) + 2}I", len(texts), *ends) + "".join(texts).encode()


def executorch(
    *,
    sizes: tuple[int, ...] = (2, 2),
    kernel: str = "aten::add",
    delegates: list[dict[int, Any]] | None = None,
    call: dict[int, Any] | None = None,
    segments: list[dict[int, Any]] | None = None,
) -> bytes:
    """An ExecuTorch program of one kernel call."""
    tensor = {0: 5, 1: {0: 6, 2: (4, *sizes)}}
    instruction = {0: 1, 1: {0: 0, 1: (4, 0, 0), **(call or {})}}
    plan = {
        0: "forward",
        2: [tensor],
        3: (4, 0),
        4: (4, 0),
        5: [{2: [instruction]}],
        6: [{0: kernel, 1: "out"}],
        7: delegates or [],
    }
    return flatbuffer(b"ET12", {0: 0, 1: [plan], 3: [{0: b"data"}], 4: segments or []})


# the others


def coreml(kind: int, content: bytes) -> bytes:
    """A CoreML Model of a kind."""
    return message((1, 7), (2, message((100, message((1, "test"))))), (kind, content))


def mil_program(path: str) -> bytes:
    """A program with one constant in a file."""
    value = message((5, message((1, path), (2, 64))))
    operation = message((1, "const"), (5, message((1, "val"), (2, value))))
    function = message((2, "CoreML7"), (3, message((1, "CoreML7"), (2, message((3, operation))))))
    return message((1, 1), (2, message((1, "main"), (2, function))))


def paddle_program(*operations: bytes) -> bytes:
    """A ProgramDesc of one block."""
    variable = message((1, "x"), (2, message((1, 7))))
    block = message((1, 0), (2, 0), (3, variable), (4, list(operations)))
    return message((1, block), (4, message((1, 0))))


def paddle_operation(kind: str, **attributes: str) -> bytes:
    """An OpDesc."""
    pairs = [message((1, key), (2, 2), (5, value)) for key, value in attributes.items()]
    return message((1, message((1, "X"), (2, "x"))), (3, kind), (4, pairs))


def paddle_tensor(dims: tuple[int, ...], content: bytes, kind: int = 5) -> bytes:
    """A tensor of a file of parameters."""
    description = message((1, kind), (2, list(dims)))
    return bytes(16) + struct.pack("<i", len(description)) + description + content


def sentencepiece(*pieces: bytes, charsmap: bytes = b"") -> bytes:
    """A SentencePiece model."""
    good = [message((1, f"▁{letter}"), (2, -1.5), (3, 1)) for letter in "abc"]
    return message(
        (1, [*good, *pieces]), (2, message((1, "in.txt"))), (3, message((1, "nfkc"), (2, charsmap)))
    )


def mxnet_array(shape: tuple[int, ...], content: bytes) -> bytes:
    """An array of MXNet, in its second form."""
    head = struct.pack("<IiI", 0xF993FAC9, 0, len(shape)) + struct.pack(f"<{len(shape)}q", *shape)
    return head + struct.pack("<iii", 1, 0, 0) + content


def mxnet_parameters(*arrays: bytes, count: int | None = None) -> bytes:
    """A file of arrays with names."""
    out = struct.pack("<QQQ", 0x112, 0, len(arrays) if count is None else count) + b"".join(arrays)
    out += struct.pack("<Q", len(arrays))
    return out + b"".join(struct.pack("<Q", 5) + b"arg:w" for _ in arrays)


def table(entries: list[tuple[bytes, bytes]], *, compressed: bool = False) -> bytes:
    """An index of a TensorFlow checkpoint."""
    data = _block(entries) + (b"\1" if compressed else b"\0") + bytes(4)
    meta = _block([]) + bytes(5)
    handles = _block([(entries[-1][0], varint(0) + varint(len(data) - 5))])
    out = data + meta
    index = len(out)
    out += handles + bytes(5)
    footer = varint(len(data)) + varint(len(meta) - 5) + varint(index) + varint(len(handles))
    return out + footer.ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")


def _block(entries: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(varint(0) + varint(len(key)) + varint(len(value)) + key + value for key, value in entries)
    return body + struct.pack("<II", 0, 1)


def checkpoint_index(*tensors: tuple[str, tuple[int, ...], int, int], shards: int = 1) -> bytes:
    """An index of float tensors: name, dims, offset, size."""
    entries = [(b"", message((1, shards), (3, message((1, 1)))))]
    for name, dims, offset, size in tensors:
        shape = message((2, [message((1, dim)) for dim in dims]))
        entries.append((name.encode(), message((1, 1), (2, shape), (4, offset), (5, size))))
    return table(entries)


def mil_blob(*blobs: bytes, offset: int | None = None) -> bytes:
    """Weights of a CoreML program."""
    out = struct.pack("<II", len(blobs), 2).ljust(64, b"\0")
    for blob in blobs:
        start = len(out) + 64 if offset is None else offset
        out += struct.pack("<IIQQ", 0xDEADBEEF, 1, len(blob), start).ljust(64, b"\0")
        out += blob + bytes(-len(blob) % 64)
    return out
