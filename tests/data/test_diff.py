"""How two snapshots differ, from their indexes alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.conftest import Files

from modelward.core.errors import InputError, UsageError
from modelward.data import diff as module
from modelward.data.diff import Group, Groups, diff
from modelward.data.index import Index, Options
from modelward.data.index_file import open_index
from modelward.data.snapshot import take

LABELS = Options(contributor=("user",), source=("site",), time=("made",), label=("label",))
OLD = [
    {"text": "a", "user": "anna", "site": "x", "made": "2026-11-01T08:00:00Z", "label": "ham"},
    {"text": "b", "user": "bert", "site": "x", "made": "2026-11-01", "label": "ham"},
    {"text": "c", "user": None, "site": "y", "made": "yesterday", "label": "spam"},
]
NEW = [
    OLD[0],
    {"text": "c", "user": None, "site": "y", "made": "yesterday", "label": "ham"},
    {"text": "d", "user": "anna", "site": "z", "made": "2026-11-02T09:00:00Z", "label": "ham"},
    {"text": "d", "user": "anna", "site": "z", "made": "2026-11-02T09:00:00Z", "label": "ham"},
]


def taken(files: Files, name: str, rows: list[dict[str, object]], options: Options = LABELS) -> Index:
    return take(files.write(name, rows), "sms", options)


def test_rows_are_counted_by_every_label(files: Files) -> None:
    found = diff(taken(files, "old.parquet", OLD), taken(files, "new.parquet", NEW))
    assert (found.added, found.removed, found.kept) == (3, 2, 1)
    assert [(groups.kind, groups.column, groups.unit) for groups in found.by] == [
        ("contributor", "user", ""),
        ("source", "site", ""),
        ("time", "made", "day"),
        ("label", "label", ""),
    ]
    assert [groups.groups for groups in found.by] == [
        (Group("anna", 2, 0, 1), Group(None, 1, 1, 0), Group("bert", 0, 1, 0)),
        (Group("y", 1, 1, 0), Group("z", 2, 0, 0), Group("x", 0, 1, 1)),
        (Group(None, 1, 1, 0), Group("2026-11-01", 0, 1, 1), Group("2026-11-02", 2, 0, 0)),
        (Group("ham", 3, 1, 1), Group("spam", 0, 1, 0)),
    ]


def test_first_rows_are_named_with_their_copies(files: Files) -> None:
    found = diff(taken(files, "old.parquet", OLD), taken(files, "new.parquet", NEW))
    assert [(str(row.place), row.copies, row.kept) for row in found.first_added] == [
        ("new.parquet row 2", 1, 0),
        ("new.parquet row 3", 2, 0),
    ]
    assert [str(row.place) for row in found.first_removed] == ["old.parquet row 2", "old.parquet row 3"]
    more = diff(taken(files, "old.parquet", OLD), taken(files, "more.parquet", [*OLD, OLD[0]]))
    assert [(str(row.place), row.copies, row.kept) for row in more.first_added] == [
        ("more.parquet row 1", 1, 1)
    ]


def test_another_order_is_no_difference_but_told(files: Files) -> None:
    found = diff(taken(files, "old.parquet", OLD), taken(files, "new.parquet", OLD[::-1]))
    assert (found.added, found.removed, found.kept, found.same_order) == (0, 0, 3, False)
    assert diff(found.old, found.old).same_order


def test_labels_can_be_chosen_and_an_unknown_one_is_told(files: Files) -> None:
    old, new = taken(files, "old.parquet", OLD), taken(files, "new.parquet", NEW)
    assert [(it.kind, it.column) for it in diff(old, new, ["label", "source:site"]).by] == [
        ("label", "label"),
        ("source", "site"),
    ]
    plain = taken(files, "plain.parquet", OLD, Options())
    assert diff(plain, plain).by == ()
    with pytest.raises(UsageError, match="neither index repeats a contributor column"):
        diff(plain, plain, ["contributor"])
    with pytest.raises(UsageError, match="neither index repeats a source column 'user'"):
        diff(old, new, ["source:user"])


def test_label_that_one_index_lacks_has_no_value_there(files: Files) -> None:
    old = taken(files, "old.parquet", OLD, Options())
    (groups,) = diff(old, taken(files, "new.parquet", NEW), ["contributor"]).by
    assert groups.groups == (Group(None, 1, 2, 0), Group("anna", 2, 0, 1))


def test_days_become_months_where_they_are_many(files: Files) -> None:
    days = [{"made": f"2026-{month:02}-{day:02}"} for month in (1, 2) for day in range(1, 21)]
    old = taken(files, "old.parquet", days[:1], Options(time=("made",)))
    (groups,) = diff(old, taken(files, "new.parquet", days, Options(time=("made",)))).by
    assert (groups.unit, groups.groups) == (
        "month",
        (Group("2026-01", 19, 0, 1), Group("2026-02", 20, 0, 0)),
    )


def test_endless_contributors_are_counted_together(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_GROUPS", 2)
    rows = [{"user": f"u{number}"} for number in range(5)]
    options = Options(contributor=("user",))
    old = taken(files, "old.parquet", rows[:1], options)
    (groups,) = diff(old, taken(files, "new.parquet", rows, options)).by
    assert groups == Groups(
        "contributor", "user", "", (Group("u1", 1, 0, 0), Group("u0", 0, 0, 1)), Group(None, 3, 0, 0)
    )


def test_differently_keyed_indexes_are_not_compared(files: Files) -> None:
    old = taken(files, "old.parquet", OLD, Options(keyed=("text",), key=b"k" * 32))
    with pytest.raises(UsageError, match="are not hashed alike"):
        diff(old, taken(files, "new.parquet", NEW))


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=30),
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=30),
    st.integers(1, 8),
)
def test_counts_are_those_of_multisets_in_whatever_parts(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[tuple[str, str]],
    new: list[tuple[str, str]],
    part: int,
) -> None:
    place = tmp_path_factory.mktemp("diff")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_PART", part)
        indexes = []
        for name, rows in (("old", old), ("new", new)):
            path = place / f"{name}.csv"
            path.write_text("text,user\n" + "".join(f"{text},{user}\n" for text, user in rows))
            indexes.append(take(path, "sms", Options(contributor=("user",))))
        found = diff(indexes[0], indexes[1])
    before, after = Counter(old), Counter(new)
    added, removed, kept = after - before, before - after, before & after
    assert (found.added, found.removed, found.kept) == (added.total(), removed.total(), kept.total())
    assert {group.value: group[1:] for group in found.by[0].groups} == {
        user: tuple(sum(n for row, n in rows.items() if row[1] == user) for rows in (added, removed, kept))
        for user in {row[1] for row in (*old, *new)}
    }


def test_an_index_that_names_rows_it_has_not_is_refused(files: Files, tmp_path: Path) -> None:
    old, new = taken(files, "old.parquet", OLD), taken(files, "new.parquet", NEW)
    path = tmp_path / "short.index.parquet"
    new.write(path)
    table, facts = pq.read_table(path), pq.ParquetFile(path).metadata.metadata
    beyond = [None if first is None else first + 99 for first in table["set:first"].to_pylist()]
    at = table.column_names.index("set:first")
    table = table.set_column(at, table.field(at), [beyond])
    with pq.ParquetWriter(path, table.schema.remove_metadata()) as writer:
        writer.write_table(table.replace_schema_metadata(None))
        writer.add_key_value_metadata({key: text for key, text in facts.items() if key != b"ARROW:schema"})
    with pytest.raises(InputError, match="damaged"):
        diff(old, open_index(path))
