from __future__ import annotations

import pytest
from tests.formats.assemble import NONE, fetch, number, run, storage, text, tup

from modelward.formats.pickle.storages import storage_of


def only(value: bytes) -> object:
    return storage_of(run(b"\x80\x02" + value + b".")[0].value)


def test_storage_has_its_size() -> None:
    found = storage_of(run(b"\x80\x02" + storage("7", 3, "BFloat16Storage") + b".")[0].value)
    assert found is not None
    assert (found.key, found.elements, found.bytes) == ("7", 3, 6)


def test_legacy_storage_has_no_view() -> None:
    assert only(storage(view=NONE)) is not None


PID = [text("storage"), fetch("torch", "FloatStorage"), text("0"), text("cpu"), number(4)]


@pytest.mark.parametrize(
    ("index", "part"),
    [
        (0, text("module")),
        (1, fetch("torch", "load")),
        (1, fetch("evil", "FloatStorage")),
        (1, text("FloatStorage")),
        (2, NONE),
        (3, NONE),
        (4, number(-1)),
        (4, b"\x88"),
        (4, text("4")),
    ],
)
def test_any_other_persistent_id_names_no_storage(index: int, part: bytes) -> None:
    parts = [*PID]
    assert only(tup(*parts) + b"Q") is not None
    parts[index] = part
    assert only(tup(*parts) + b"Q") is None


def test_value_that_is_no_persistent_id_names_no_storage() -> None:
    assert only(tup(*PID)) is None
    assert only(text("storage") + b"Q") is None
    assert only(tup(*PID, text("view")) + b"Q") is None
