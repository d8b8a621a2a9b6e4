"""Python's marshal format, read without running anything: the code objects in it, of Python 2.7 and 3.

The stream does not say which version wrote it, and the layout of a code object changed four times: each
layout is tried, and the types of its fields show which one is right (CPython, `Python/marshal.c`).
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from modelward.core.errors import InputError, LimitExceeded

MAX_BYTES = 16 << 20
MAX_DEPTH = 100

_FLAG_REF = 0x80
#: Numbers before the bytecode, names of the fields between bytecode and file name, fields after it.
_LAYOUTS = (
    (
        5,
        4,
        5,
        2,
    ),  # 3.11 and later: consts, names, localsplusnames, localspluskinds; linetable, exceptiontable
    (6, 5, 2, 1),  # 3.8 to 3.10: consts, names, varnames, freevars, cellvars; lnotab
    (5, 5, 2, 1),  # 3.0 to 3.7
    (4, 5, 2, 1),  # 2.7
)
_WIDTHS = {"i": 4, "I": 8, "g": 8, "y": 16}
_SINGLETONS: dict[str, Any] = {"N": None, "F": False, "T": True, "S": "StopIteration", ".": "..."}
_NULL = object()


class Code(Struct, frozen=True, eq=False):
    """A code object: its name, the names and constants that it uses, its flags."""

    name: str
    names: tuple[str, ...]
    consts: tuple[Any, ...]
    flags: int


def loads(data: bytes) -> Any:
    """The value that a marshal stream begins with; sets and dictionaries become tuples.

    Raises InputError where no version of Python reads it, LimitExceeded past MAX_BYTES or MAX_DEPTH.
    """
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"it is over {MAX_BYTES >> 20} MiB of marshalled code")
    trouble: InputError | None = None
    for layout in _LAYOUTS:
        try:
            return _Stream(data, layout).value(0)
        except LimitExceeded:
            raise
        except InputError as error:
            trouble = trouble or error
    raise trouble or InputError("it is no marshalled code")


class _Stream:
    """One attempt at a stream, for one layout of code objects."""

    def __init__(self, data: bytes, layout: tuple[int, int, int, int]) -> None:
        self.data = data
        self.layout = layout
        self.at = 0
        self.references: list[Any] = []
        self.interned: list[str] = []

    def take(self, count: int) -> bytes:
        begin = self.at
        if count < 0 or begin + count > len(self.data):
            raise InputError("the marshalled code breaks off")
        self.at = begin + count
        return self.data[begin : self.at]

    def number(self, width: int = 4) -> int:
        return int.from_bytes(self.take(width), "little", signed=width > 1)

    def value(self, depth: int) -> Any:
        """The next value."""
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"the marshalled code nests over {MAX_DEPTH} levels deep")
        byte = self.take(1)[0]
        kind = chr(byte & ~_FLAG_REF)
        if not byte & _FLAG_REF:
            return self.plain(kind, depth)
        index = len(self.references)
        self.references.append(None)
        self.references[index] = found = self.plain(kind, depth)
        return found

    def plain(self, kind: str, depth: int) -> Any:
        if kind in _SINGLETONS:
            return _SINGLETONS[kind]
        if kind in _WIDTHS:
            return self.take(_WIDTHS[kind]) and 0
        if kind in "sutaAzZRfxl":
            return self.scalar(kind)
        match kind:
            case "0":
                return _NULL
            case "r":
                return self.reference(self.references)
            case "(" | ")" | "[" | "<" | ">":
                count = self.number(1 if kind == ")" else 4)
                if count > len(self.data) - self.at:
                    raise InputError("the marshalled code has a count that is not true")
                return tuple([self.value(depth + 1) for _ in range(count)])
            case "{":
                items = []
                while (item := self.value(depth + 1)) is not _NULL:
                    items.append(item)
                return tuple(items)
            case ":":
                return tuple([self.value(depth + 1) for _ in range(3)])
            case "c":
                return self.code(depth)
            case _:
                raise InputError(f"the marshalled code has a value of kind {kind!r}, which does not exist")

    def scalar(self, kind: str) -> Any:
        match kind:
            case "s":
                return self.take(self.number())
            case "t" | "u" | "a" | "A":
                text = self.take(self.number()).decode("utf-8", "surrogatepass" if kind == "u" else "replace")
                if kind == "t":
                    self.interned.append(text)
                return text
            case "z" | "Z":
                return self.take(self.number(1)).decode("latin-1")
            case "R":
                return self.reference(self.interned)
            case "l":
                return self.take(2 * abs(self.number())) and 0
            case "f" | "x":
                for _ in range(1 + (kind == "x")):
                    self.take(self.number(1))
                return 0

    def reference(self, known: list[Any]) -> Any:
        index = self.number()
        if not 0 <= index < len(known):
            raise InputError("the marshalled code refers to nothing")
        return known[index]

    def code(self, depth: int) -> Code:
        numbers, fields, names_after, _ = self.layout
        flags = [self.number() for _ in range(numbers)][-1]
        bytecode, consts, names, *_rest = [self.value(depth + 1) for _ in range(fields + 1)]
        _filename, name = self.value(depth + 1), self.value(depth + 1)
        if names_after == 5:
            self.value(depth + 1)  # the qualified name
        self.number()
        for _ in range(self.layout[3]):
            self.value(depth + 1)
        texts = tuple(_text(item) for item in names) if isinstance(names, tuple) else None
        if texts is None or not isinstance(bytecode, bytes) or not isinstance(consts, tuple):
            raise InputError("the marshalled code has a code object whose fields are of the wrong kinds")
        return Code(_text(name), texts, consts, flags)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if not isinstance(value, str):
        raise InputError("the marshalled code has a name that is not text")
    return value
