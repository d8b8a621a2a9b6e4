"""Many digests at once: what `cells.digests` and `rows.row_digests` say, over Arrow and numpy.

A matrix of digests has a line of 32 bytes for each row. The bytes to be hashed are laid out by numpy and
Arrow; only the hash itself is called once a value.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from modelward.data import cells
from modelward.data.arrow import numbers_of, of_numbers, of_texts, pyarrow, valid_of, values
from modelward.data.cells import DIGEST_BYTES, Value, encode
from modelward.data.rows import row_digests as one_by_one

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

#: Hashes one encoding: SHA-256, or HMAC-SHA256 with the key of the dataset's leaves.
Hash = Callable[[bytes], bytes]

_HEAD = 9
_SAMPLE = 256
_FEW = 16
_EXACT_FLOAT = float(1 << 53)


class Cells(NamedTuple):
    """The cell digests of a column. Where `valid` is false the cell is null and its line zero."""

    digests: Matrix
    valid: Mask

    def listed(self) -> list[bytes | None]:
        """As `cells.digests` gives them."""
        lines = blobs(self.digests)
        return [line if there else None for line, there in zip(lines, self.valid.tolist(), strict=True)]


def keyed(key: bytes) -> Hash:
    """HMAC-SHA256 with `key`: who has no key cannot guess a cell from its digest."""
    return partial(hmac.digest, key, digest="sha256")


def plain(data: bytes) -> bytes:
    """SHA-256."""
    return sha256(data).digest()


def blobs(matrix: NDArray[Any]) -> list[bytes]:
    """The lines of a matrix of bytes."""
    lines: list[bytes] = np.ascontiguousarray(matrix).view(f"V{matrix.shape[1]}").ravel().tolist()
    return lines


def matrix_of(digests: Iterable[bytes], width: int = DIGEST_BYTES) -> Matrix:
    """A matrix with these lines."""
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, width)


def hashed(lines: Iterable[bytes]) -> Matrix:
    """The SHA-256 of each."""
    return matrix_of([sha256(line).digest() for line in lines])


# --- cells ------------------------------------------------------------------------------------------------


def cell_digests(column: Any, hash_of: Hash = plain) -> Cells:
    """The digests of a column: an Arrow array, or canonical values. Raises InputError as `cells.encode`."""
    array = _as_array(column) if isinstance(column, list) else column
    if array is None:
        return _by_value(column, hash_of)
    arrow = pyarrow()
    kind = array.type
    if arrow.types.is_dictionary(kind):
        return _taken(cell_digests(array.dictionary, hash_of), array.indices)
    if (fast := _fast(kind)) is None:
        return _by_value(values(array), hash_of)
    valid = valid_of(array)
    there = array if not array.null_count else array.drop_null()
    if _repeats(there):
        coded = there.dictionary_encode()
        dense = _taken(cell_digests(coded.dictionary, hash_of), coded.indices).digests
    else:
        dense = fast(there, hash_of)
    return Cells(_spread(dense, valid), valid)


def _by_value(column: list[Value], hash_of: Hash) -> Cells:
    if hash_of is plain:
        found = cells.digests(column)
    else:
        found = [None if value is None else hash_of(encode(value)) for value in column]
    valid = np.array([digest is not None for digest in found], np.bool_)
    return Cells(_spread(matrix_of([digest for digest in found if digest is not None]), valid), valid)


def _as_array(column: list[Value]) -> Any:
    """An Arrow array of plain values of one type, if that is what they are."""
    kinds = set(map(type, column)) - {type(None)}
    try:
        if kinds == {str}:
            return of_texts(column)
        if kinds in ({int}, {float}):
            valid = np.array([value is not None for value in column], np.bool_)
            filled = column if valid.all() else [0 if value is None else value for value in column]
            return of_numbers(np.array(filled, np.int64 if kinds == {int} else np.float64), valid)
    except (UnicodeEncodeError, OverflowError):
        pass  # a lone surrogate, an integer past 64 bits: `encode` knows what to do
    return None


def _spread(dense: Matrix, valid: Mask) -> Matrix:
    if len(dense) == len(valid):
        return dense
    lines = np.zeros((len(valid), DIGEST_BYTES), np.uint8)
    lines[valid] = dense
    return lines


def _taken(distinct: Cells, indices: Any) -> Cells:
    """The digests of a dictionary's values, where they occur."""
    if not len(distinct.valid):
        nothing = np.zeros(len(indices), np.bool_)
        return Cells(np.zeros((len(indices), DIGEST_BYTES), np.uint8), nothing)
    valid = valid_of(indices)
    at = np.where(valid, numbers_of(indices), 0).astype(np.intp)
    valid = valid & distinct.valid[at]
    lines = distinct.digests[at]
    lines[~valid] = 0
    return Cells(lines, valid)


def _repeats(array: Any) -> bool:
    """Whether the first values say that it pays to hash each distinct value once."""
    return len(array) > _SAMPLE and array.slice(0, _SAMPLE).unique().__len__() * 2 <= _SAMPLE


def _fast(kind: Any) -> Callable[[Any, Hash], Matrix] | None:
    types = pyarrow().types
    if types.is_string(kind) or types.is_large_string(kind):
        return partial(_framed, b"s")
    if types.is_binary(kind) or types.is_large_binary(kind):
        return partial(_framed, b"x")
    if types.is_signed_integer(kind):
        return _integers
    if types.is_float64(kind) or types.is_float32(kind):
        return _floats
    return None


def _framed(tag: bytes, array: Any, hash_of: Hash) -> Matrix:
    """Text or bytes: head and payload of each are joined by Arrow, then hashed."""
    arrow = pyarrow()
    kind, count = arrow.large_binary(), len(array)
    payloads = array.cast(kind)
    lengths = np.diff(np.frombuffer(payloads.buffers()[1], np.int64, count + 1, payloads.offset * 8))
    heads = np.empty((count, _HEAD), np.uint8)
    heads[:, 0] = tag[0]
    heads[:, 1:] = lengths.astype(">u8").view(np.uint8).reshape(count, 8)
    ends = np.arange(0, _HEAD * (count + 1), _HEAD, dtype=np.int64)
    head, between = (
        arrow.Array.from_buffers(kind, count, [None, arrow.py_buffer(edges), arrow.py_buffer(content)])
        for edges, content in ((ends, heads), (np.zeros(count + 1, np.int64), b""))
    )
    joined = arrow.compute.binary_join_element_wise(head, payloads, between)
    data = memoryview(joined.buffers()[2]) if count else memoryview(b"")
    edges = np.concatenate([[0], np.cumsum(lengths + _HEAD)]).tolist()
    if hash_of is plain:
        return matrix_of([sha256(data[a:b]).digest() for a, b in pairwise(edges)])
    return matrix_of([hash_of(data[a:b]) for a, b in pairwise(edges)])  # type: ignore[arg-type]


def _integers(array: Any, hash_of: Hash) -> Matrix:
    return _integer_lines(numbers_of(array).astype(np.int64), hash_of)


def _integer_lines(numbers: NDArray[np.int64], hash_of: Hash) -> Matrix:
    """`cells.shortest`, for all of one length at a time."""
    result = np.empty((len(numbers), DIGEST_BYTES), np.uint8)
    magnitude = np.where(numbers >= 0, numbers, ~numbers)
    octets = numbers.astype(">i8").view(np.uint8).reshape(-1, 8)
    for length in range(1, 9):
        least = 1 << (8 * length - 9) if length > 1 else 0
        here = magnitude >= least
        if length < 8:
            here &= magnitude < 1 << (8 * length - 1)
        if here.any():
            lines = np.empty((int(here.sum()), _HEAD + length), np.uint8)
            lines[:, :_HEAD] = np.frombuffer(b"i" + length.to_bytes(8, "big"), np.uint8)
            lines[:, _HEAD:] = octets[here, 8 - length :]
            result[here] = matrix_of([hash_of(line) for line in blobs(lines)])
    return result


def _floats(array: Any, hash_of: Hash) -> Matrix:
    numbers = numbers_of(array).astype(np.float64)
    result = np.empty((len(numbers), DIGEST_BYTES), np.uint8)
    finite = np.isfinite(numbers)
    whole = finite & (np.floor(np.where(finite, numbers, 0)) == numbers)
    small = whole & (np.abs(numbers) <= _EXACT_FLOAT)
    if small.any():
        result[small] = _integer_lines(numbers[small].astype(np.int64), hash_of)
    if (large := whole & ~small).any():
        result[large] = matrix_of([hash_of(encode(number)) for number in numbers[large].tolist()])
    if not whole.all():
        rest = numbers[~whole]
        rest[np.isnan(rest)] = np.nan  # of many NaN, the one
        lines = np.empty((len(rest), _HEAD + 8), np.uint8)
        lines[:, :_HEAD] = np.frombuffer(b"f" + (8).to_bytes(8, "big"), np.uint8)
        lines[:, _HEAD:] = (
            np.abs(rest, out=rest, where=np.isnan(rest)).astype(">f8").view(np.uint8).reshape(-1, 8)
        )
        result[~whole] = matrix_of([hash_of(line) for line in blobs(lines)])
    return result


# --- rows and leaves --------------------------------------------------------------------------------------


def row_digests(columns: Mapping[str, Cells], rows: int) -> Matrix:
    """What `rows.row_digests` gives, as a matrix."""
    names = sorted(columns)
    valid = np.array([columns[name].valid for name in names], np.bool_).reshape(len(names), rows)
    if valid.all():
        return _rows_of(names, [columns[name].digests for name in names], rows)
    patterns, which = np.unique(np.packbits(valid, axis=0), axis=1, return_inverse=True)
    if patterns.shape[1] * _FEW > rows:  # each row has other cells: one by one is faster
        return matrix_of(one_by_one(names, [columns[name].listed() for name in names], rows))
    result = np.empty((rows, DIGEST_BYTES), np.uint8)
    for number in range(patterns.shape[1]):
        here = which.ravel() == number
        first = int(np.argmax(here))
        kept = [name for at, name in enumerate(names) if valid[at, first]]
        result[here] = _rows_of(kept, [columns[name].digests[here] for name in kept], int(here.sum()))
    return result


def _rows_of(names: Sequence[str], digests: Sequence[Matrix], rows: int) -> Matrix:
    """Rows that have these cells and no others."""
    heads = [encode(name) for name in names]
    length = sum(map(len, heads)) + DIGEST_BYTES * len(heads)
    lines = np.empty((rows, _HEAD + length), np.uint8)
    lines[:, :_HEAD] = np.frombuffer(b"r" + length.to_bytes(8, "big"), np.uint8)
    at = _HEAD
    for head, digest in zip(heads, digests, strict=True):
        lines[:, at : at + len(head)] = np.frombuffer(head, np.uint8)
        at += len(head)
        lines[:, at : at + DIGEST_BYTES] = digest
        at += DIGEST_BYTES
    return hashed(blobs(lines))


def leaf_hashes(digests: Matrix) -> Matrix:
    """The leaf hash of each line, as RFC 6962 has it."""
    lines = np.zeros((len(digests), digests.shape[1] + 1), np.uint8)
    lines[:, 1:] = digests
    return hashed(blobs(lines))


def set_lines(digests: Matrix, counts: NDArray[Any]) -> Matrix:
    """What a leaf of the set tree holds: row digest, and its copies as 8 bytes, big-endian."""
    lines = np.empty((len(digests), DIGEST_BYTES + 8), np.uint8)
    lines[:, :DIGEST_BYTES] = digests
    lines[:, DIGEST_BYTES:] = counts.astype(">u8").view(np.uint8).reshape(-1, 8)
    return lines


def parents(nodes: Matrix) -> Matrix:
    """The row of nodes above an even number of them."""
    lines = np.empty((len(nodes) // 2, 1 + 2 * DIGEST_BYTES), np.uint8)
    lines[:, 0] = 1
    lines[:, 1:] = nodes.reshape(len(nodes) // 2, 2 * DIGEST_BYTES)
    return hashed(blobs(lines))
