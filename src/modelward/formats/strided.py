"""The bytes of a view of memory in row-major order, as a file has them: little-endian, without gaps."""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Final, Literal

from modelward.core.errors import InputError
from modelward.formats.source import CHUNK_BYTES, FileSource, Slice, Source

#: Bytes that a piece of a view with gaps may take in memory.
PIECE_BYTES = 16 << 20

_UNSIGNED: Final[dict[int, Literal["B", "H", "I", "Q"]]] = {1: "B", 2: "H", 4: "I", 8: "Q"}


def pieces(
    source: Source, offset: int, shape: Sequence[int], strides: Sequence[int], item: int
) -> Iterator[bytes]:
    """The elements of a view, `item` bytes each (1, 2, 4 or 8); `offset` and `strides` count elements.

    The view must lie within `source`. Memory stays bounded: what is contiguous is passed on in chunks, the
    rest gathered piece by piece from a mapping of the file.
    """
    if 0 in shape:
        return
    runs = _merged(shape, strides)
    if not runs or (len(runs) == 1 and runs[0][1] == 1):
        start, length = offset * item, (runs[0][0] if runs else 1) * item
        for at in range(start, start + length, CHUNK_BYTES):
            yield source.read(at, min(CHUNK_BYTES, start + length - at))
        return
    reach = sum((size - 1) * stride for size, stride in runs) + 1
    with _memory(source, offset * item, reach * item) as memory, memory.cast(_UNSIGNED[item]) as view:
        yield from _gathered(view, 0, runs, item)


def swapped(chunks: Iterator[bytes], item: int) -> Iterator[bytes]:
    """Chunks of whole elements of `item` bytes with the bytes of each turned round."""
    for chunk in chunks:
        elements = array(_UNSIGNED[item])
        elements.frombytes(chunk)
        elements.byteswap()
        yield elements.tobytes()


def _merged(shape: Sequence[int], strides: Sequence[int]) -> list[tuple[int, int]]:
    """(size, stride) of each dimension, the outermost first, with those put together that lie together."""
    runs: list[tuple[int, int]] = []
    for size, stride in zip(shape, strides, strict=True):
        if size == 1:
            continue
        if runs and runs[-1][1] == size * stride:
            runs[-1] = (runs[-1][0] * size, stride)
        else:
            runs.append((size, stride))
    return runs


def _gathered(view: memoryview, start: int, runs: list[tuple[int, int]], item: int) -> Iterator[bytes]:
    """Pieces of at most PIECE_BYTES: of the outermost dimension, or within it if one step is too long."""
    size, stride = runs[0]
    rest = 1
    for inner, _ in runs[1:]:
        rest *= inner
    steps = PIECE_BYTES // (rest * item)
    if not steps:
        for index in range(size):
            yield from _gathered(view, start + index * stride, runs[1:], item)
        return
    for first in range(0, size, steps):
        yield _piece(view, start + first * stride, [(min(steps, size - first), stride), *runs[1:]], item)


def _piece(view: memoryview, start: int, runs: list[tuple[int, int]], item: int) -> bytes:
    """One piece. The longest dimension is copied in one go, the others step by step."""
    total = 1
    places: list[tuple[int, int, int]] = []  # size, stride in the view, stride in the piece
    for size, stride in reversed(runs):
        places.append((size, stride, total))
        total *= size
    long = max(places)
    places.remove(long)
    made = bytearray(total * item)
    count, stride, step = long
    with memoryview(made) as raw, raw.cast(_UNSIGNED[item]) as target:
        for indices in product(*(range(size) for size, _, _ in places)):
            source = start + sum(index * place[1] for index, place in zip(indices, places, strict=True))
            begin = sum(index * place[2] for index, place in zip(indices, places, strict=True))
            target[begin : begin + (count - 1) * step + 1 : step] = view[
                source : source + (count - 1) * stride + 1 : stride
            ]
    return bytes(made)


@contextmanager
def _memory(source: Source, start: int, length: int) -> Iterator[memoryview]:
    """A part of a source as memory; of a file, without reading it all. Raises InputError."""
    while isinstance(source, Slice):
        start += source.start
        source = source.source
    if isinstance(source, FileSource):
        skipped = start % mmap.ALLOCATIONGRANULARITY
        try:
            mapping = mmap.mmap(
                source.descriptor, skipped + length, access=mmap.ACCESS_READ, offset=start - skipped
            )
        except (OSError, ValueError) as error:  # it was cut short since it was opened
            raise InputError(f"cannot read it: {error}", where=source.label) from None
        with mapping, memoryview(mapping) as whole, whole[skipped:] as part:
            yield part
    else:
        with memoryview(source.read(start, length)) as part:
            yield part
