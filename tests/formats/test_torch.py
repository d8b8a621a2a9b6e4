from __future__ import annotations

import struct

import pytest
from tests.formats.assemble import legacy

from modelward.formats.budget import Budget
from modelward.formats.pickle.storages import Storage
from modelward.formats.pickle.stream import Stream, read_stream
from modelward.formats.pickle.values import Container
from modelward.formats.source import BytesSource
from modelward.formats.torch import Checkpoint, is_legacy, legacy_storages, root_of


@pytest.mark.parametrize(
    ("names", "root"),
    [
        (["archive/data.pkl"], "archive/"),
        (["x", "model/data.pkl"], "model/"),
        (["data.pkl"], ""),
        (["a/b/data.pkl"], None),
        (["a/data.pkl.txt"], None),
    ],
)
def test_folder_of_a_checkpoint(names: list[str], root: str | None) -> None:
    assert root_of(names) == root


def test_first_stream_of_a_legacy_checkpoint() -> None:
    source = BytesSource(legacy(b"N"))
    first = read_stream(source, 0, print, Budget())
    assert is_legacy([first])
    assert not is_legacy([read_stream(source, first.end, print, Budget())])


def test_storage_with_two_sizes_is_a_conflict() -> None:
    checkpoint = Checkpoint()
    for elements in (4, 4, 5):
        checkpoint.add(Storage("0", "FloatStorage", elements, 4))
    assert checkpoint.conflicts == ["storage '0' has two sizes, 16 and 20 bytes"]


def block(elements: int, size: int) -> bytes:
    return struct.pack("<q", elements) + bytes(size)


@pytest.mark.parametrize(
    ("keys", "data", "problems"),
    [
        (["0", "1"], block(2, 8) + block(1, 4), []),
        (["0"], block(2, 8), ["the storage '1' is not in the file"]),
        (["0", "1"], block(3, 12) + block(1, 4), ["storage '0' has 3 elements and the pickle says 2"]),
        (["0", "1"], block(2, 8) + block(1, 3), ["the storages end at byte 28 and the file at byte 27"]),
        (["0", "1"], block(2, 8) + block(1, 9), ["the storages end at byte 28 and the file at byte 33"]),
        (
            ["0", "2"],
            block(2, 8) + block(1, 4),
            ["its list of storages names '2', which its pickle does not"],
        ),
    ],
)
def test_legacy_storages(keys: list[str], data: bytes, problems: list[str]) -> None:
    checkpoint = Checkpoint({key: Storage(key, "FloatStorage", n, 4) for key, n in (("0", 2), ("1", 1))})
    stream = Stream(0, 0, Container("list", list(keys)))
    assert list(legacy_storages(BytesSource(data), 0, stream, checkpoint)) == problems


def test_keys_that_are_no_list() -> None:
    assert list(legacy_storages(BytesSource(b""), 0, Stream(0, 0, None), Checkpoint())) == [
        "its list of storages is not a list"
    ]
