from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
import zlib
from collections.abc import Callable, Iterator

import lz4.block
import lz4.frame
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats.compressed import Compressed, detect
from modelward.formats.source import BytesSource

CONTENT = b"tensor " * 3000 + os.urandom(3000)


def lz4_old(data: bytes) -> bytes:
    block = lz4.block.compress(data, store_size=False)
    return b"\x02\x21\x4c\x18" + struct.pack("<I", len(block)) + block


def zfile(data: bytes) -> bytes:
    """As joblib wrote before 0.10."""
    return b"ZF" + hex(len(data)).ljust(19).encode() + zlib.compress(data)


WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "LZMA": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zlib of joblib": zfile,
    "lz4": lz4.frame.compress,
    "lz4 of old": lz4_old,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "zstd in small blocks": lambda data: zstandard.ZstdCompressor(level=1).compress(data * 50),
    "zstd to be skipped": lambda data: (
        b"\x50\x2a\x4d\x18\x03\0\0\0abc" + zstandard.ZstdCompressor().compress(data)
    ),
    "lz4 to be skipped": lambda data: b"\x51\x2a\x4d\x18\x03\0\0\0abc" + lz4.frame.compress(data),
}


def gather(pieces: Iterator[bytes], into: bytearray) -> None:
    for piece in pieces:
        into += piece


def opened(data: bytes) -> Compressed:
    found = detect(BytesSource(data))
    assert found is not None
    return found


@pytest.mark.parametrize("way", WAYS)
def test_content_and_end_of_a_stream(way: str) -> None:
    packed = WAYS[way](CONTENT)
    found = opened(packed + b"\xfe\xff\xfe\xff" * 9)
    whole = b"".join(found.pieces())
    assert whole == (CONTENT * 50 if "small" in way else CONTENT)
    assert found.codec.name == way.partition(" ")[0]
    assert found.end == len(packed) or way == "lz4 of old"


@pytest.mark.parametrize("way", ["gzip", "bzip2", "xz", "LZMA", "zlib", "lz4", "zstd"])
def test_streams_in_a_row_are_one_content(way: str) -> None:
    first, second = WAYS[way](CONTENT[:99]), WAYS[way](CONTENT[99:])
    found = opened(first + bytes(8) + second)
    assert b"".join(found.pieces()) == CONTENT
    assert found.end == len(first) + 8 + len(second)


@pytest.mark.parametrize("way", WAYS)
def test_what_stands_before_the_break_comes_out(way: str) -> None:
    content = CONTENT + os.urandom(400_000)
    packed = WAYS[way](content)
    came = bytearray()
    pieces = opened(packed[:-10]).pieces()
    with pytest.raises(InputError):
        gather(pieces, came)
    # bzip2 and old lz4 give whole blocks only
    assert len(came) > 100_000 or way.startswith(("bzip2", "lz4 of old"))
    assert content.startswith(bytes(came[: len(content)]))


def test_no_piece_is_large() -> None:
    bomb = bytes(20 << 20)
    for way, compress in WAYS.items():
        if not way.startswith("lz4 of old") and "small" not in way:
            assert max(map(len, opened(compress(bomb)).pieces())) <= 1 << 20


@pytest.mark.parametrize("data", [b"x", b"\x1f\x8b", b"PK\x03\x04", b"\x1f\x8b\x09\0" * 8])
def test_what_is_not_compressed(data: bytes) -> None:
    assert detect(BytesSource(data)) is None


@given(
    st.sampled_from(sorted(WAYS)),
    st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=4),
    st.integers(0, 30),
)
@settings(max_examples=max(300, settings.default.max_examples), deadline=None)
def test_damaged_streams_end_in_an_answer(way: str, changes: list[tuple[int, int]], cut: int) -> None:
    sample = bytearray(WAYS[way](CONTENT[-900:]))
    for at, value in changes:
        sample[at % len(sample)] = value
    found = detect(BytesSource(bytes(sample[: len(sample) - cut])))
    try:
        for piece in found.pieces() if found else ():
            assert len(piece) <= 8 << 20
    except InputError:
        pass


@pytest.mark.parametrize(
    "damaged", [gzip.compress(CONTENT)[:-8] + bytes(8), zlib.compress(CONTENT)[:-4] + bytes(4)]
)
def test_what_comes_before_a_wrong_sum_is_unpacked(damaged: bytes) -> None:
    packed = detect(BytesSource(damaged))
    assert packed is not None
    pieces = packed.pieces()
    assert next(pieces) == CONTENT
    with pytest.raises(InputError):
        next(pieces)
