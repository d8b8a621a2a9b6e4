"""Which datasets hold certain rows, from the indexes that are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.conftest import Files

from modelward.core.errors import InputError, LimitExceeded
from modelward.data import holding
from modelward.data.holding import all_rows, find_indexes, held, labelled, rows_of, together
from modelward.data.index import Index, Options, Place, default_path
from modelward.data.snapshot import take

ROWS = [{"n": number % 30, "user": "anna" if number % 2 else None, "site": "x"} for number in range(40)]


@pytest.fixture
def index(files: Files) -> Index:
    return take(files.write("rows.jsonl", ROWS), "sms", Options(contributor=("user", "site")))


def test_rows_are_found_with_their_copies(index: Index) -> None:
    row = index.digest_at(4).raw
    assert held(index, rows_of([row])) == (2, 40, Place("rows.jsonl", 5))
    assert held(index, rows_of([b"\0" * 32])) == (0, 40, None)
    many = rows_of([index.digest_at(number).raw for number in range(20)] + [b"\0" * 32])
    assert held(index, many) == (30, 40, Place("rows.jsonl", 1))
    assert held(index, all_rows(index)) == (40, 40, Place("rows.jsonl", 1))
    assert held(index, rows_of([])) == (0, 40, None)


def test_rows_of_a_contributor_are_told_by_any_of_its_columns(index: Index) -> None:
    found = labelled(index, "contributor", "anna")
    assert found is not None
    assert (len(found), held(index, found).rows) == (15, 20)
    whole, none = labelled(index, "contributor", "x"), labelled(index, "contributor", "None")
    assert whole is not None
    assert none is not None
    assert (len(whole), len(none)) == (30, 0)
    assert labelled(index, "source", "x") is None
    assert len(together([found, whole, found])) == 30
    assert len(together([])) == 0


def test_more_rows_than_memory_has_room_for_are_refused(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MAX_ROWS", 9)
    with pytest.raises(LimitExceeded, match="over 9 rows to look for"):
        labelled(index, "contributor", "anna")
    with pytest.raises(LimitExceeded, match="over 9 rows to look for"):
        all_rows(index)


def test_indexes_are_found_by_what_they_are_about(files: Files, index: Index, tmp_path: Path) -> None:
    index.write(tmp_path / "deep.index.parquet")
    (tmp_path / "below").mkdir()
    other = files.index("other.jsonl", [{"n": 1}])
    other.write(tmp_path / "below" / "other.index.parquet")
    (tmp_path / "below" / "bad.index.parquet").write_bytes(b"PAR1")
    found = find_indexes([tmp_path], {index.subject, other.subject})
    assert found.files == {
        index.digest: tmp_path / "deep.index.parquet",
        other.digest: tmp_path / "below" / "other.index.parquet",
    }
    assert found.unreadable == (tmp_path / "below" / "bad.index.parquet",)
    assert find_indexes([tmp_path], {other.subject}).files.keys() == {other.digest}
    assert find_indexes([tmp_path / "deep.index.parquet"], {index.subject}).files
    assert default_path(tmp_path / "other.jsonl").name.endswith(".index.parquet")


def test_search_follows_no_links_and_ends(
    files: Files, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.write(tmp_path / "rows.index.parquet")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert find_indexes([tmp_path / "a"], {index.subject}).files == {}
    with pytest.raises(InputError, match="there is no such directory"):
        find_indexes([tmp_path / "none"], set())
    monkeypatch.setattr(holding, "MAX_ENTRIES", 1)
    with pytest.raises(LimitExceeded, match="more than 1 files to look at"):
        find_indexes([tmp_path], set())
