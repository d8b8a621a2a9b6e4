"""Checkpoints of Torch 7 (Lua), as text and binary: tensors, tables, and functions of Lua as bytecode.

`torch.load` of Torch 7 makes objects of any class that is registered and runs their `read` methods; bytecode
in the file runs when it is called. Nothing of this is interpreted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode
from modelward.formats.source import Source

#: Code is looked for up to here.
MAX_SEARCHED = 64 << 20
_OVERLAP = 64

#: The first object: its type, its number, and a version, a class, Lua's bytecode, or a table's size.
_TEXT = regex(
    rb"4\r?\n\d+\r?\n\d+\r?\nV \d+\r?\n|[678]\r?\n\d+\r?\n\d+\r?\n\x1bL|"
    rb"3\r?\n\d+\r?\n\d+\r?\n[0-8]\r?\n.{0,900}\nV \d+\r?\n",
    re.DOTALL,
)
_BINARY = regex(
    rb"\x04\0\0\0.\0\0\0(?:\0\0\0\0)?.\0\0\0V \d|[\x06-\x08]\0\0\0.{4}.{4}\x1bL|"
    rb"\x03\0\0\0.\0\0\0.{4}.{0,900}?\x03\0\0\0V \d",
    re.DOTALL,
)
_CALLS = regex(
    rb"(os\.execute|io\.popen|os\.remove|os\.rename|package\.loadlib|loadstring|ffi\.(?:load|C)\b)"
)
_BYTECODE = regex(rb"\x1bL(?:ua[\x50-\x54]|J[\x01\x02])")


def looks_like(head: bytes) -> bool:
    """Whether a file begins with an object as Torch 7 writes it."""
    return _TEXT.match(head) is not None or _BINARY.match(head) is not None


def findings(source: Source) -> Iterator[EmbeddedCode]:
    """Code of Lua in a checkpoint: calls that reach the system, or bytecode that could do so."""
    at, before = 0, b""
    for chunk in source.chunks():
        data = before + chunk
        if found := _CALLS.search(data):
            harm = "runs a command or reaches the machine's files"
            offset = at - len(before) + found.start()
            yield EmbeddedCode(f"byte {offset}", "code of Lua", found[1].decode(), harm, offset)
            return
        if found := _BYTECODE.search(data):
            offset = at - len(before) + found.start()
            yield EmbeddedCode(f"byte {offset}", "a function of Lua as bytecode", offset=offset)
        at += len(chunk)
        before = data[-_OVERLAP:]
        if at >= MAX_SEARCHED:
            return
