from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.assemble import (
    FALSE,
    Zip,
    call,
    checkpoint,
    fetch,
    legacy,
    number,
    pickle,
    storage,
    tensor,
    tup,
)

from modelward.core.errors import InputError
from modelward.formats.budget import Budget
from modelward.formats.checkpoint import contents
from modelward.formats.checkpoint_file import open_checkpoint
from modelward.formats.source import BytesSource

FLOATS = struct.pack("<4f", 1, 2, 3, 4)


def data(file: bytes) -> dict[str, bytes]:
    opened = open_checkpoint(BytesSource(file), Budget())
    return {one.name: b"".join(opened.data(one)) for one in contents(opened.value, opened.changes).tensors}


def refusal(file: bytes) -> str:
    with pytest.raises(InputError) as caught:
        data(file)
    return str(caught.value)


def archive(
    root: str = "archive/", order: bytes = b"little", *, deflate: bool = False, content: bytes = FLOATS
) -> Zip:
    made = Zip().add(f"{root}data.pkl", pickle(tensor()), deflate=deflate).add(f"{root}byteorder", order)
    return made.add(f"{root}data/0", content, deflate=deflate).add(f"{root}version", b"3\n")


@pytest.mark.parametrize("root", ["archive/", "some model (2)/", ""])
@pytest.mark.parametrize("deflate", [False, True])
def test_archive_whatever_its_folder_is_called(root: str, deflate: bool) -> None:
    assert data(archive(root, deflate=deflate).bytes()) == {"tensor": FLOATS}


def test_big_endian_data_are_turned_round() -> None:
    assert data(archive(order=b"big", content=struct.pack(">4f", 1, 2, 3, 4)).bytes()) == {"tensor": FLOATS}


def test_legacy_file() -> None:
    made = legacy(tensor(), keys=("0",), storages=struct.pack("<q", 4) + FLOATS)
    assert data(made) == {"tensor": FLOATS}


def legacy_with(keys: tuple[str, ...], storages: bytes) -> bytes:
    return legacy(tensor(), keys=keys, storages=storages)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (archive(order=b"middle").bytes(), "neither little nor big"),
        (archive(content=FLOATS[:-1]).bytes(), "15 bytes and the pickle says 16"),
        (checkpoint(tensor()).bytes(), "the storage '0' is not in the file"),
        (archive().add("archive/data/0", bytes(16)).bytes(), "two members"),
        (archive().bytes(prefix=b"x" * 8), "may read different things"),
        (Zip().add("a", b"").bytes(), "no data.pkl"),
        (checkpoint(tensor()).bytes()[:60], "no central directory"),
        (b"", "neither its zip archive nor its legacy format"),
        (pickle(tensor()), "neither its zip archive nor its legacy format"),
        (Zip().add("a/data.pkl", pickle(tensor())[:-1]).bytes(), "cannot be read to its end"),
        (legacy_with(("0",), struct.pack("<q", 5) + FLOATS), "not in the file as the pickle says"),
        (legacy_with(("1",), struct.pack("<q", 4) + FLOATS), "names '1', which its pickle does not"),
        (legacy_with(("0", "0"), struct.pack("<q", 4) + FLOATS), "names '0', which its pickle does not"),
        (legacy_with((), b""), "not in the file as the pickle says"),
        (legacy_with(("0",), struct.pack("<q", 4)), "the file ends at byte"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_file_that_is_not_what_it_says(file: bytes, reason: str) -> None:
    assert reason in refusal(file)


def test_big_endian_data_without_a_type() -> None:
    parts = [storage("0", 8, "UntypedStorage"), number(0), tup(number(2)), tup(number(1)), FALSE]
    dtype = fetch("torch", "uint32")
    view = call("torch._utils", "_rebuild_tensor_v3", *parts, call("collections", "OrderedDict"), dtype)
    made = Zip().add("a/data.pkl", pickle(view)).add("a/byteorder", b"big").add("a/data/0", bytes(8))
    assert "big-endian data have no type" in refusal(made.bytes())


SEEDS = (
    archive().bytes(),
    archive(deflate=True).bytes(),
    legacy(tensor(), keys=("0",), storages=b"\4" + bytes(7) + FLOATS),
)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=4),
    st.integers(0, 3),
)
def test_damage_gives_an_error_of_ours_or_the_data(
    seed: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    file = bytearray(seed)
    for at, value in changes:
        file[at % len(file)] = value
    read: Callable[[bytes], object] = data
    try:
        read(bytes(file[: len(file) - cut]))
    except InputError:
        return
