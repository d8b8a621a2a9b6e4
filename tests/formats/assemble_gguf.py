"""GGUF files put together byte by byte."""

from __future__ import annotations

import struct
from typing import Any


def text(value: str | bytes, order: str = "<") -> bytes:
    """A string with its length."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack(f"{order}Q", len(data)) + data


def pair(key: str, kind: int, value: bytes, order: str = "<") -> bytes:
    """One field."""
    return text(key, order) + struct.pack(f"{order}I", kind) + value


def chat_template(template: str, key: str = "tokenizer.chat_template") -> bytes:
    """A field with a chat template."""
    return pair(key, 8, text(template))


def tensor(name: str, shape: tuple[int, ...], kind: int = 0, offset: int = 0, order: str = "<") -> bytes:
    """The description of a tensor."""
    dimensions = struct.pack(f"{order}I{len(shape)}Q", len(shape), *shape)
    return text(name, order) + dimensions + struct.pack(f"{order}IQ", kind, offset)


def gguf(
    pairs: tuple[bytes, ...] = (),
    tensors: tuple[bytes, ...] = (),
    data: bytes = b"",
    *,
    version: int = 3,
    **counts: Any,
) -> bytes:
    """A file; `order`, `tensor_count` and `pair_count` make its header lie."""
    order = counts.get("order", "<")
    numbers = counts.get("tensor_count", len(tensors)), counts.get("pair_count", len(pairs))
    head = b"GGUF" + struct.pack(f"{order}IQQ", version, *numbers) + b"".join(pairs) + b"".join(tensors)
    return head + bytes(-len(head) % 32) + data if tensors else head
