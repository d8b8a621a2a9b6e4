from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data import trees
from modelward.data.index import Options
from modelward.data.snapshot import take
from modelward.data.verify import RowDifference, compare, verify

Rows = list[dict[str, Any]]


def difference(files: Any, before: Rows, after: Rows) -> RowDifference:
    return compare(files.index("before.csv", before), files.index("after.csv", after))


def kinds(found: RowDifference) -> set[str]:
    return {name for name in ("changed", "added", "removed", "moved") if getattr(found, name)}


def test_same_data_is_the_same(files: Any, rows: Rows, tmp_path: Path) -> None:
    path = files.write("x.csv", rows)
    take(path, "d").write(tmp_path / "i.parquet")
    found = verify(path, tmp_path / "i.parquet")
    assert found.same_rows
    assert found.same_bytes


def test_a_changed_cell_is_named_by_row_and_column(files: Any, rows: Rows) -> None:
    after = [{**row} for row in rows]
    after[4]["label"] = "spam"
    after[9]["label"], after[9]["text"] = "spam", "x"
    found = difference(files, rows, after)
    assert [(str(row.after), row.columns) for row in found.changed] == [
        ("after.csv row 5", ("label",)),
        ("after.csv row 10", ("label", "text")),
    ]
    assert kinds(found) == {"changed"}


def test_an_inserted_row_moves_no_other(files: Any, rows: Rows) -> None:
    found = difference(files, rows, [{"id": "99", "text": "poison", "label": "ham"}, *rows])
    assert [str(place) for place in found.added] == ["after.csv row 1"]
    assert kinds(found) == {"added"}


def test_removed_rows_are_named_where_they_were(files: Any, rows: Rows) -> None:
    found = difference(files, rows, rows[:3] + rows[5:])
    assert [str(place) for place in found.removed] == ["before.csv row 4", "before.csv row 5"]
    assert kinds(found) == {"removed"}


def test_a_moved_row_is_named_alone(files: Any, rows: Rows) -> None:
    found = difference(files, rows, [*rows[:2], *rows[3:], rows[2]])
    assert [(str(row.before), str(row.after)) for row in found.moved] == [
        ("before.csv row 3", "after.csv row 12")
    ]
    assert kinds(found) == {"moved"}


def test_a_copy_of_a_row_is_an_added_row(files: Any, rows: Rows) -> None:
    found = difference(files, rows, [*rows, rows[0]])
    assert [str(place) for place in found.added] == ["after.csv row 13"]


def test_change_beside_an_insertion_pairs_by_likeness(files: Any, rows: Rows) -> None:
    changed = {**rows[5], "label": "spam"}
    inserted = {"id": "99", "text": "poison", "label": "eggs"}
    found = difference(files, rows, [*rows[:5], inserted, changed, *rows[6:]])
    assert [(str(row.before), str(row.after), row.columns) for row in found.changed] == [
        ("before.csv row 6", "after.csv row 7", ("label",))
    ]
    assert [str(place) for place in found.added] == ["after.csv row 6"]


def test_a_dropped_column_changes_that_column_of_every_row(files: Any, rows: Rows) -> None:
    found = difference(files, rows, [{"id": row["id"], "text": row["text"]} for row in rows])
    assert {row.columns for row in found.changed} == {("label",)}
    assert len(found.changed) == len(rows)


def test_another_format_with_the_same_rows_is_the_same_data(files: Any, rows: Rows, tmp_path: Path) -> None:
    typed = [{**row, "id": int(row["id"])} for row in rows]
    options = Options(types={"id": "int64"}, contributor=("label",))
    take(files.write("x.csv", rows), "d", options).write(tmp_path / "i.parquet")
    assert verify(tmp_path / "x.csv", tmp_path / "i.parquet").same_bytes
    rest = compare(take(tmp_path / "x.csv", "d", options), take(files.write("x.parquet", typed), "d"))
    assert rest.same_rows
    assert not rest.same_bytes


def test_rows_that_moved_between_shards_in_order_did_not_move(files: Any, rows: Rows, tmp_path: Path) -> None:
    for cut, name in ((4, "one"), (7, "two")):
        files.write(f"{name}/a.csv", rows[:cut])
        files.write(f"{name}/b.csv", rows[cut:])
    found = compare(take(tmp_path / "one", "d"), take(tmp_path / "two", "d"))
    assert found.same_rows
    assert not found.same_bytes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(st.lists(st.sampled_from("abcd"), max_size=9), st.lists(st.sampled_from("abcde"), max_size=9))
def test_every_row_is_accounted_for_exactly_once(files: Any, before: list[str], after: list[str]) -> None:
    one, other = (
        files.index(f"{name}.jsonl", [{"x": word, "y": 1} for word in words])
        for name, words in (("before", before), ("after", after))
    )
    found = compare(one, other)
    assert found.same_rows == (before == after)
    left = len(before) - len(found.changed) - len(found.removed) - len(found.moved)
    assert left == len(after) - len(found.changed) - len(found.added) - len(found.moved) >= 0
    kept = list(before)
    for place in sorted((row.before.row for row in (*found.changed, *found.moved)), reverse=True):
        kept[place - 1] = "-"
    for place in sorted((place.row for place in found.removed), reverse=True):
        kept[place - 1] = "-"
    new = list(after)
    for row in (*(row.after for row in (*found.changed, *found.moved)), *found.added):
        new[row.row - 1] = "-"
    assert [word for word in kept if word != "-"] == [word for word in new if word != "-"]


@pytest.mark.parametrize("count", [1, 3])
def test_rows_replaced_in_place_are_changed_rows(files: Any, rows: Rows, count: int) -> None:
    fresh = [{"id": f"n{number}", "text": "new", "label": "new"} for number in range(count)]
    found = difference(files, rows, rows[:4] + fresh + rows[4 + count :])
    assert [row.after.row for row in found.changed] == list(range(5, 5 + count))


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "GROUP", 16)
    monkeypatch.setattr(trees, "CHUNK", 4)


TAMPERED = {
    "changed": lambda rows, at: [*rows[:at], {**rows[at], "label": "spam"}, *rows[at + 1 :]],
    "added": lambda rows, at: [*rows[:at], {"id": "x", "text": "poison", "label": "ham"}, *rows[at:]],
    "dropped": lambda rows, at: [*rows[:at], *rows[at + 1 :]],
    "duplicated": lambda rows, at: [*rows[: at + 1], rows[at], *rows[at + 1 :]],
    "swapped": lambda rows, at: [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]],
}


@pytest.mark.usefixtures("small_groups")
@pytest.mark.parametrize("tampering", TAMPERED)
@pytest.mark.parametrize("shard", ["0.csv", "1.jsonl", "2.parquet"])
def test_whatever_is_done_to_a_row_of_any_shard_it_is_named(
    files: Any, tmp_path: Path, tampering: str, shard: str
) -> None:
    """Third-party data: nothing is known but the index."""
    shards = {
        name: [{"id": f"{name}-{at}", "text": f"message {at % 9}", "label": "ham"} for at in range(50)]
        for name in ("0.csv", "1.jsonl", "2.parquet")
    }
    for name, rows in shards.items():
        files.write(f"tree/{name}", rows)
    take(tmp_path / "tree", "d").write(tmp_path / "i.parquet")
    files.write(f"tree/{shard}", TAMPERED[tampering](shards[shard], 20))
    found = verify(tmp_path / "tree", tmp_path / "i.parquet")
    here = f"{shard} row 21"
    assert not found.same_rows
    if tampering == "changed":
        assert [(str(row.after), row.columns) for row in found.changed] == [(here, ("label",))]
    elif tampering == "added":
        assert [str(place) for place in found.added] == [here]
    elif tampering == "dropped":
        assert [str(place) for place in found.removed] == [here]
    elif tampering == "duplicated":
        assert [str(place) for place in found.added] == [f"{shard} row 22"]
    else:
        ((before, after),) = [(row.before.row, row.after.row) for row in found.moved]
        assert {before, after} == {21, 22}
        assert found.same_set
    assert sum(len(kind) for kind in (found.changed, found.added, found.removed, found.moved)) == 1


@pytest.mark.usefixtures("small_groups")
def test_sharding_format_and_compression_are_no_change(files: Any, tmp_path: Path) -> None:
    rows = [{"id": str(at), "text": f"message {at % 9}"} for at in range(50)]
    take(files.write("x.csv", rows), "d").write(tmp_path / "i.parquet")
    files.write("tree/a.parquet", rows[:7], compression="gzip")
    files.write("tree/b.jsonl", rows[7:31])
    files.write("tree/c.parquet", rows[31:], row_group_size=3)
    found = verify(tmp_path / "tree", tmp_path / "i.parquet")
    assert found.same_rows
    assert not found.same_bytes
    files.write("tree/b.jsonl", rows[7:31][::-1])
    found = verify(tmp_path / "tree", tmp_path / "i.parquet")
    assert found.same_set
    assert not found.same_rows


def test_bounds_on_what_is_named_are_said(files: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelward.data.verify.MAX_NAMED", 3)
    found = difference(files, rows, [{**row, "label": "spam"} for row in rows[:10]])
    assert (len(found.removed), len(found.added), len(found.changed)) == (3, 3, 0)
    assert found.unnamed == {"removed": 9, "added": 7}
    assert not found.same_set
    found = difference(files, rows, rows[::-1])
    assert (len(found.moved), found.unnamed) == (3, {"moved": 8})
    monkeypatch.setattr("modelward.data.order.MAX_WINDOW", 5)
    found = difference(files, rows, rows[::-1])
    assert (found.moved, found.unnamed) == ((), {"moved": 12})
    assert found.same_set
    assert not found.same_rows


def test_a_damaged_index_is_no_difference(files: Any, rows: Rows, tmp_path: Path) -> None:
    """Someone who changes the data, and the lines of the index with it, but not its roots."""
    path, place = files.write("x.csv", rows), tmp_path / "i.parquet"
    take(path, "d").write(place)
    table, marks = pq.read_table(place), pq.read_metadata(place).metadata
    digests = table["row"].to_pylist()
    digests[4] = digests[5]
    table = table.set_column(0, table.schema.field(0), pa.array(digests, pa.binary(32)))
    with pq.ParquetWriter(place, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key: value for key, value in marks.items() if b"." in key})
    files.write("x.csv", [*rows[:4], rows[5], *rows[5:]])
    with pytest.raises(InputError, match="damaged"):
        verify(path, place)
