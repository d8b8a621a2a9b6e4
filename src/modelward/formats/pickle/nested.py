"""The bytes of a value that a loader would unpickle in turn."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats.pickle.values import Blob, Container, Made, Value
from modelward.formats.source import BytesSource, Source

MAX_ENCODED_BYTES = 64 << 20


def as_source(value: Value) -> Source:
    """`bytes`, or `_codecs.encode(str, 'latin1')` as protocol 2 writes them, in the encoding that it names.

    Raises InputError if the bytes cannot be told, LimitExceeded if they are too many to decode.
    """
    if isinstance(value, bytes):
        return BytesSource(value)
    if isinstance(value, Blob) and value.kind == "bytes":
        return value.as_source()
    if isinstance(value, Made) and isinstance(value.arguments, Container) and value.arguments.items:
        text, *rest = value.arguments.items
        if isinstance(text, str) or (isinstance(text, Blob) and text.kind == "str"):
            return BytesSource(_encoded(text, rest))
        return as_source(text)
    raise InputError("it holds a pickle whose bytes cannot be told")


def _encoded(text: str | Blob, rest: list[Value]) -> bytes:
    """A text in the encoding that follows it among the arguments, or else in UTF-8."""
    encoding = "latin-1" if rest and rest[0] in ("latin-1", "latin1") else "utf-8"
    try:
        known = text if isinstance(text, str) else text.load(MAX_ENCODED_BYTES).decode("utf-8")
        return known.encode(encoding)
    except UnicodeError:
        raise InputError("it holds a pickle whose bytes are not what they should be") from None
