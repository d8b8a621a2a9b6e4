"""Facts about graphs of operations, and what their readers say besides facts.

Apart from the readers, so that the rules about them cost nothing where no graph is read.
"""

from __future__ import annotations

from msgspec import Struct


class Nested(Struct, frozen=True):
    """Bytes within a file that are a file of their own, called `name`."""

    name: str
    start: int
    length: int


class Unread(Struct, frozen=True):
    """Why something in a file was not examined."""

    reason: str


class CustomOperation(Struct, frozen=True):
    """An operation of ONNX that no known library defines: a native library must bring it."""

    domain: str
    operation: str
    node: str
    offset: int


class Exhausting(Struct, frozen=True):
    """A part of a file whose only use is to take all the time or memory of whoever reads it."""

    format: str
    message: str
    offset: int | None = None


class ExternalKey(Struct, frozen=True):
    """A key that describes external data of ONNX and that no writer writes (CVE-2026-34445)."""

    tensor: str
    key: str
    offset: int


class UnknownOperation(Struct, frozen=True):
    """An operation that TensorFlow does not register itself: a native library must bring it."""

    operation: str
    node: str
    offset: int


class UnsafeOperation(Struct, frozen=True):
    """An operation of TensorFlow that does what no model needs: `effect` says what, `target` to what."""

    operation: str
    effect: str
    node: str
    target: str
    offset: int


class FileAccess(UnsafeOperation, frozen=True):
    """An operation of TensorFlow that uses files which its caller or the folder it runs in chooses."""
