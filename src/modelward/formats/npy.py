"""The header of a numpy array file (NEP 1), and the element types that it names.

An array of objects is a pickle behind the header (CVE-2019-6446).
"""

from __future__ import annotations

import ast
from math import prod

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats.source import Source

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 1 << 20
MAX_DEPTH = 16  # of types within types

_TYPE = regex(r"[<>|=]?([?bBiufcSaUVOmM])(\d{0,10})(\[[^\[\]]{0,32}\])?")
_PYTHON2_LONG = regex(r"(\d)L\b")


class ElementType(Struct, frozen=True):
    """Bytes per element, and whether elements are (or hold) pickled objects."""

    bytes: int
    objects: bool = False


class Array(Struct, frozen=True):
    """An array file: where its data begin and how many bytes they are."""

    shape: tuple[int, ...]
    element: ElementType
    start: int

    @property
    def bytes(self) -> int:
        """The size of the data, were they not objects."""
        return prod(self.shape) * self.element.bytes


def read(source: Source) -> Array:
    """The header. Raises InputError where numpy would not read it, or it is over a mebibyte."""
    head = source.read(0, 12)
    version = head[6:8]
    if version not in (b"\x01\0", b"\x02\0", b"\x03\0"):
        raise InputError("it is of a version of the array format that does not exist")
    begin = 10 if version == b"\x01\0" else 12
    length = int.from_bytes(head[8:begin], "little")
    if length > MAX_HEADER_BYTES:
        raise InputError(f"its header is over {MAX_HEADER_BYTES >> 20} MiB")
    data = source.read(begin, length)
    if len(data) < length:
        raise InputError("it breaks off in its header")
    text = data.decode("utf-8" if version == b"\x03\0" else "latin-1", "replace")
    fields = _literal(text)
    if not isinstance(fields, dict) or fields.keys() != {"descr", "fortran_order", "shape"}:
        raise InputError("its header does not tell type, order and shape")
    shape = fields["shape"]
    element = element_type(fields["descr"]) or ElementType(0, objects=True)  # numpy knows more ways to say so
    if not isinstance(shape, tuple) or not all(isinstance(size, int) for size in shape):
        raise InputError("the shape in its header is none")
    if not element.objects and any(size < 0 for size in shape):  # objects are loaded before they are counted
        raise InputError("the shape in its header is none")
    return Array(shape, element, begin + length)


def _literal(text: str) -> object:
    for form in (text, _PYTHON2_LONG.sub(r"\1", text)):
        try:
            found: object = ast.literal_eval(form.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
        return found
    raise InputError("its header is no Python literal")


def element_type(description: object, depth: int = 0) -> ElementType | None:
    """What a type string (`<f8`), or a list of the fields of a record, says; None if that is not known."""
    if isinstance(description, str):
        return _plain_type(description)
    if not isinstance(description, list) or depth > MAX_DEPTH:
        return None
    size, objects = 0, False
    for item in description:
        if not isinstance(item, tuple) or len(item) not in (2, 3):
            return None
        inner = element_type(item[1], depth + 1)
        shape = item[2] if len(item) == 3 else ()
        shape = (shape,) if type(shape) is int else shape
        if inner is None or not isinstance(shape, tuple) or not all(type(part) is int for part in shape):
            return None
        size += inner.bytes * prod(shape)
        objects |= inner.objects
    return ElementType(size, objects)


def _plain_type(text: str) -> ElementType | None:
    match = _TYPE.fullmatch(text)
    if match is None:
        return None
    kind, digits = match[1], match[2]
    if kind == "O":
        return ElementType(8, objects=True)
    if not digits:
        return ElementType(
            {"?": 1, "b": 1, "B": 1, "m": 8, "M": 8, "i": 4, "u": 4, "f": 4, "c": 1}.get(kind, 0)
        )
    return ElementType(int(digits) * (4 if kind == "U" else 1))
