"""The bytes of a value that a loader would unpickle in turn."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats.pickle.values import Blob, Container, Made, Value
from modelward.formats.source import BytesSource, Source

MAX_ENCODED_BYTES = 64 << 20


def as_source(value: Value) -> Source:
    """`bytes`, or `_codecs.encode(str, 'latin1')` as protocol 2 writes them.

    Raises InputError if the bytes cannot be told, LimitExceeded if they are too many to decode.
    """
    if isinstance(value, bytes):
        return BytesSource(value)
    if isinstance(value, Blob) and value.kind == "bytes":
        return value.as_source()
    if isinstance(value, Made) and isinstance(value.arguments, Container) and value.arguments.items:
        text = value.arguments.items[0]
        try:
            if isinstance(text, Blob) and text.kind == "str":
                return BytesSource(text.load(MAX_ENCODED_BYTES).decode("utf-8").encode("latin-1"))
            if isinstance(text, str):
                return BytesSource(text.encode("latin-1"))
        except UnicodeError:
            raise InputError("it holds a pickle whose bytes are not what they should be") from None
        return as_source(text)
    raise InputError("it holds a pickle whose bytes cannot be told")
