from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from modelward.attest.predicates import Snapshot
from modelward.core.errors import InputError, UsageError
from modelward.data import leaf_key
from modelward.data.cells import encode
from modelward.data.digesting import keyed
from modelward.data.index import Options
from modelward.data.index_file import read_index
from modelward.data.rowsets import excess
from modelward.data.snapshot import take
from modelward.data.verify import verify

KEY = bytes(range(32))
ROWS = [{"name": name, "text": "hello"} for name in ("Ann", "Bob", None)]


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    key = leaf_key.make(tmp_path / "leaf.key")
    assert leaf_key.read(tmp_path / "leaf.key") == key
    assert stat.S_IMODE((tmp_path / "leaf.key").stat().st_mode) == 0o600
    with pytest.raises(InputError, match="File exists"):
        leaf_key.make(tmp_path / "leaf.key")
    assert leaf_key.read(tmp_path / "leaf.key") == key


@pytest.mark.parametrize("content", [b"", b"abc", b"zz" * 32, b"00" * 31, b"00" * 33, b"\xff" * 64])
def test_other_files_are_no_keys(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "k").write_bytes(content)
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        leaf_key.read(tmp_path / "k")
    with pytest.raises(InputError, match="cannot be read"):
        leaf_key.read(tmp_path / "missing")


def test_names_in_keyed_columns_cannot_be_guessed_from_the_index(files: Any) -> None:
    path = files.write("x.jsonl", ROWS)
    plain, secret = take(path, "d"), take(path, "d", Options(keyed=("name",), key=KEY))
    assert secret.cells_at(0)["name"] == keyed(KEY)(encode("Ann")) != plain.cells_at(0)["name"]
    assert secret.cells_at(0)["text"] == plain.cells_at(0)["text"]
    assert secret.cells_at(2)["name"] is None
    assert KEY not in secret.table.path.read_bytes()
    assert KEY.hex().encode() not in secret.table.path.read_bytes()
    assert "key" not in repr(secret.options).replace("keyed", "").replace("key_id", "")


def test_the_statement_names_the_columns_and_the_key(files: Any) -> None:
    index = take(files.write("x.jsonl", ROWS), "d", Options(keyed=("name",), key=KEY))
    said = msgspec.convert(index.predicate(), Snapshot).keyed
    assert said is not None
    assert (said.columns, said.key_id) == (("name",), leaf_key.name_of(KEY))
    assert msgspec.convert(take(files.write("y.jsonl", ROWS), "d").predicate(), Snapshot).keyed is None


def test_data_is_verified_with_the_key_of_its_index(files: Any, tmp_path: Path) -> None:
    path, place = files.write("x.jsonl", ROWS), tmp_path / "i.parquet"
    index = take(path, "d", Options(keyed=("name",), key=KEY))
    index.write(place)
    assert read_index(place) == index
    assert verify(path, place, key=KEY).same_rows
    files.write("x.jsonl", [{**ROWS[0], "name": "Eve"}, *ROWS[1:]])
    assert [row.columns for row in verify(path, place, key=KEY).changed] == [("name",)]
    with pytest.raises(UsageError, match="need the key"):
        verify(path, place)
    with pytest.raises(UsageError, match="made with leaf key"):
        verify(path, place, key=bytes(32))


def test_datasets_with_other_keys_are_not_compared(files: Any) -> None:
    path = files.write("x.jsonl", ROWS)
    mine = take(path, "d", Options(keyed=("name",), key=KEY))
    for options in (Options(), Options(keyed=("name",), key=bytes(32)), Options(keyed=("text",), key=KEY)):
        with pytest.raises(UsageError, match="not hashed alike"):
            excess([mine], [take(path, "d", options)])


def test_keyed_columns_must_be_there(files: Any) -> None:
    with pytest.raises(UsageError, match="no column 'phone'"):
        take(files.write("x.jsonl", ROWS), "d", Options(keyed=("phone",), key=KEY))


def test_a_key_without_columns_changes_nothing(files: Any) -> None:
    path = files.write("x.jsonl", ROWS)
    assert take(path, "d", Options(key=KEY)) == take(path, "d")
    assert leaf_key.identified(replace(Options(), key=KEY)).key is None
