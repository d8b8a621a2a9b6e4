"""MXNet: graphs in JSON (`-symbol.json`) and the arrays beside them (`.params`)."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import Any

from modelward.core.errors import InputError
from modelward.formats.facts import EmbeddedCode, Overflow, PathEscape, RemoteFetch
from modelward.formats.graph_facts import Exhausting
from modelward.formats.metadata_code import code_in
from modelward.formats.paths import escapes, is_url
from modelward.formats.source import Source

MAGIC = (0x112).to_bytes(8, "little")
_V1, _V2, _V3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
#: Type flag -> bytes per element.
_WIDTHS = {0: 4, 1: 8, 2: 2, 3: 1, 4: 4, 5: 1, 6: 8, 7: 1, 8: 2, 9: 2, 10: 4, 11: 8, 12: 2}
#: Kind of storage -> how many arrays of indices come with it.
_INDICES = {0: 0, 1: 1, 2: 2}
_MAX_NAME = 1024
_MAX_RANK = 64
_FAR = 1 << 50
#: Operations that call what was registered in the process, or an address that the graph gives.
_CUSTOM = frozenset({"Custom", "_CustomFunction", "custom"})
_POINTERS = frozenset({"_Native", "_NDArray"})
_PATHS = frozenset(
    {"library", "lib", "lib_path", "dll", "plugin", "path", "filename", "uri", "url", "symbol_file",
     "params_file", "config_path", "source", "data_path", "imglist", "rec_path"}
)  # fmt: skip
_NATIVE = (".so", ".dll", ".dylib", ".pyd")
_MAX_DEPTH = 32


def is_symbol(document: Any) -> bool:
    """Whether a JSON document is a graph of MXNet: nodes with an operation each, and which are ends."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("nodes"), list)
        and ("heads" in document or "arg_nodes" in document)
        and all(isinstance(node, dict) and "op" in node for node in document["nodes"])
    )


def symbol_facts(document: dict[str, Any], depth: int = 0) -> Iterator[object]:
    """What using a graph could do."""
    nodes = document["nodes"]
    for index, node in enumerate(nodes):
        operation, name = str(node["op"]), str(node.get("name", ""))
        where = f"node {name[:80]!r}"
        if max(len(operation), len(name)) > _MAX_NAME:
            yield Exhausting(
                "MXNet", f"node {index} has a name of {max(len(operation), len(name))} characters"
            )
        attributes: dict[str, Any] = next(
            (node[key] for key in ("attrs", "param", "attr") if isinstance(node.get(key), dict)), {}
        )
        if operation in _CUSTOM:
            kind = str(attributes.get("op_type", ""))
            yield EmbeddedCode(where, "a custom operation", kind or name[:80])
        elif operation in _POINTERS:
            yield EmbeddedCode(
                where, f"the operation {operation}", str(attributes.get("info", "")),
                harm="calls a function at an address in memory that the file gives",
            )  # fmt: skip
        for key, value in attributes.items():
            if isinstance(value, str):
                yield from _attribute(where, str(key).strip("_").lower(), value)
        for source in node.get("inputs") or ():
            if isinstance(source, list) and source and not _within(source[0], len(nodes)):
                yield Overflow("MXNet", f"{where} takes the output of a node that is not there")
        for inner in node.get("subgraphs") or ():
            if is_symbol(inner) and depth < _MAX_DEPTH:
                yield from symbol_facts(inner, depth + 1)


def _within(index: Any, count: int) -> bool:
    return isinstance(index, int) and 0 <= index < count


def _attribute(where: str, key: str, value: str) -> Iterator[object]:
    if key not in _PATHS and "lib" not in key and not value.lower().endswith(_NATIVE):
        if found := code_in(f"{where}, {key[:80]}", value):
            yield found
        return
    if not value:
        return
    if is_url(value):
        yield RemoteFetch(where, value, f"its {key}")
    elif escapes(value):
        yield PathEscape(where, value, f"its {key}")
    elif value.lower().endswith(_NATIVE):
        yield EmbeddedCode(where, "a native library", value)


def parameter_facts(source: Source) -> Iterator[object]:
    """What is wrong with a file of arrays (`NDArray::Save`). Raises InputError."""
    count = _number(source, 16, 8)
    if count > source.size:
        yield Overflow("MXNet", f"it says that it has {count} arrays", 16)
        return
    at = 24
    for index in range(count):
        begin = at
        at, problem = _array(source, at)
        if problem:
            yield Overflow("MXNet", f"array {index} {problem}", begin)
            return
    names = _number(source, at, 8)
    if names > source.size:
        yield Overflow("MXNet", f"it says that it has {names} names", at)
        return
    at += 8
    for _ in range(names):
        length = _number(source, at, 8)
        if length >= _FAR:
            yield Overflow("MXNet", f"a name has {length} bytes", at)
            return
        at += 8 + length
    if at != source.size:
        raise InputError(f"it breaks off, or goes on, after byte {min(at, source.size)}")


def _array(source: Source, at: int) -> tuple[int, str]:
    """Where an array ends, and what is wrong with its sizes."""
    magic = _number(source, at, 4)
    at += 4
    shapes, indices = 1, 0
    if magic in (_V2, _V3):
        kind = _number(source, at, 4)
        at += 4
        if kind not in _INDICES:
            raise InputError(f"the array at byte {at} is stored in an unknown way, {kind}")
        indices = _INDICES[kind]
        shapes = 2 if indices else 1
    width = 4 if magic not in (_V1, _V2, _V3) else 8
    shape: tuple[int, ...] = ()
    stored: tuple[int, ...] = ()
    for turn in range(shapes):
        rank = magic if width == 4 else _number(source, at, 4)
        at += 0 if width == 4 else 4
        if rank > _MAX_RANK:
            return at, f"has {rank} dimensions"
        shape = struct.unpack(f"<{rank}{'I' if width == 4 else 'q'}", _exactly(source, at, rank * width))
        at += rank * width
        stored = shape if turn == 0 else stored
    if not shape and magic != _V3:
        return at, ""
    kind_flag = _number(source, at + 8, 4)
    at += 12
    if kind_flag not in _WIDTHS:
        raise InputError(f"the array at byte {at} is of the unknown type {kind_flag}")
    sizes = [(stored, kind_flag)]
    for _ in range(indices):
        flag, rank = _number(source, at, 4), _number(source, at + 4, 4)
        if rank > _MAX_RANK or flag not in _WIDTHS:
            return at, f"has indices of {rank} dimensions"
        sizes.append((struct.unpack(f"<{rank}q", _exactly(source, at + 8, rank * 8)), flag))
        at += 8 + rank * 8
    for dims, flag in sizes:
        needed = math.prod(dims) * _WIDTHS[flag]
        if any(dim < 0 for dim in dims) or needed >= _FAR:
            return at, "has dimensions that overflow"
        at += needed
    if at > source.size:
        raise InputError("its arrays break off")
    return at, ""


def _exactly(source: Source, at: int, length: int) -> bytes:
    data = source.read(at, length)
    if len(data) != length:
        raise InputError(f"it breaks off at byte {at + len(data)}")
    return data


def _number(source: Source, at: int, width: int) -> int:
    return int.from_bytes(_exactly(source, at, width), "little")
