"""log.tiles: names, bundles and tiles as the specification has them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core import merkle
from modelward.core.errors import InputError, LimitExceeded
from modelward.log import tiles
from modelward.log.tiles import Tile
from modelward.log.tree import levels_of


@pytest.mark.parametrize(
    ("index", "width", "name"),
    [
        (0, 256, "tile/0/000"),
        (999, 256, "tile/0/999"),
        (1000, 256, "tile/0/x001/000"),
        (1234067, 256, "tile/0/x001/x234/067"),
        (1234067, 1, "tile/0/x001/x234/067.p/1"),
        (273, 112, "tile/0/273.p/112"),
    ],
)
def test_tile_names(index: int, width: int, name: str) -> None:
    assert tiles.tile_name(0, index, width) == name
    assert tiles.is_partial(name) == (width < 256)
    assert tiles.bundle_name(index, width) == name.replace("tile/0/", "tile/entries/")


def test_partial_forms_lie_in_one_directory() -> None:
    full = tiles.tile_name(1, 5)
    assert tiles.tile_name(1, 5, 17) == f"{tiles.partials_name(full)}/17"


@pytest.mark.parametrize(("size", "levels"), [(0, 0), (1, 1), (255, 1), (256, 2), (65535, 2), (65536, 3)])
def test_number_of_levels(size: int, levels: int) -> None:
    assert levels_of(size) == levels


def test_bundle_has_big_endian_length_prefixes() -> None:
    assert tiles.encode_bundle([b"ab", b"", b"x" * 300]) == b"\0\2ab" + b"\0\0" + b"\1\x2c" + b"x" * 300


def test_entry_over_the_length_prefix_is_refused() -> None:
    assert list(tiles.decode_bundle(tiles.encode_bundle([b"x" * 65535]))) == [b"x" * 65535]
    with pytest.raises(LimitExceeded, match="65535"):
        tiles.encode_bundle([b"x" * 65536])


@given(st.lists(st.binary(max_size=40), max_size=20))
@settings(max_examples=100, deadline=None)
def test_bundle_round_trips(entries: list[bytes]) -> None:
    assert list(tiles.decode_bundle(tiles.encode_bundle(entries))) == entries


@given(st.binary(max_size=60))
def test_bundle_parser_raises_only_our_errors(data: bytes) -> None:
    try:
        entries = list(tiles.decode_bundle(data))
    except InputError:
        return
    assert tiles.encode_bundle(entries) == data


@given(st.binary(max_size=9000))
@settings(max_examples=50, deadline=None)
def test_tile_takes_whole_hashes_only(data: bytes) -> None:
    if len(data) % 32 or len(data) > 8192:
        with pytest.raises(InputError):
            Tile(data)
    else:
        assert Tile(data).data == data


def test_rows_of_a_tile_are_the_tree_above_it() -> None:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(256)]
    whole = Tile()
    for start in range(0, 256, 37):
        part = whole.copy()
        part.extend(b"".join(leaves[start : start + 37]))
        whole = part
    assert whole.hash(8, 0) == merkle.root(leaves)
    for row in range(9):
        for offset in range(256 >> row):
            assert whole.hash(row, offset) == merkle.root(leaves[offset << row : (offset + 1) << row])


def test_copy_does_not_change_with_its_original() -> None:
    first = Tile(bytes(64))
    second = first.copy()
    second.extend(bytes(32))
    assert (first.width, second.width) == (2, 3)


def test_missing_hash_is_an_error() -> None:
    with pytest.raises(InputError, match="narrower"):
        Tile(bytes(64)).hash(0, 2)
    with pytest.raises(InputError, match="narrower"):
        Tile(bytes(64)).hash(8, 0)
