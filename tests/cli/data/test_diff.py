"""`modelward data diff`: what was added to a dataset and removed from it, and by whom."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

OLD = "text,user,made\nfree prize,anna,2026-11-01\nhello,bert,2026-11-01\nhello,bert,2026-11-01\n"
NEW = (
    "text,user,made\nhello,bert,2026-11-01\nhello,bert,2026-11-01\nbye,bert,2026-11-02\nbye,bert,2026-11-02\n"
)


def masked(text: str) -> str:
    """Without digests."""
    return re.sub(r"sha256:[0-9a-f]{4}…[0-9a-f]{4}", "sha256:#", text)


@pytest.fixture
def taken(command: Callable[..., Any], here: Path) -> Callable[..., None]:
    def take(name: str, text: str, *options: str) -> None:
        (here / name).write_text(text)
        columns = ("--contributor-column", "user", "--time-column", "made") if "user" in text else ()
        done = command("data", "snapshot", name, "--name", "sms", *columns, *(options or ("--out", "s.json")))
        assert done.code == 0, done.err

    return take


def test_rows_are_counted_and_named(command: Callable[..., Any], taken: Callable[..., None]) -> None:
    taken("old.csv", OLD)
    taken("new.csv", NEW)
    done = command("data", "diff", "old.csv", "new.csv.index.parquet")
    assert masked(done.out) == (
        "old.csv -> new.csv: 2 added, 1 removed, 2 kept\n"
        "by contributor (user)\n"
        "              added      removed         kept\n"
        "  bert            2            0            2\n"
        "  anna            0            1            0\n"
        "by time (made, by day)\n"
        "                    added      removed         kept\n"
        "  2026-11-01            0            1            2\n"
        "  2026-11-02            2            0            0\n"
        "  added    new.csv row 3 (sha256:#), 2 copies\n"
        "  removed  old.csv row 1 (sha256:#)\n"
    )
    assert (done.code, done.err) == (0, "not checked: who made the indexes; no registry is named\n")
    found = json.loads(command("data", "diff", "old.csv", "new.csv", "--by", "contributor", "--json").out)
    assert (found["added"], found["removed"], found["kept"]) == (2, 1, 2)
    assert [groups["label"] for groups in found["by"]] == ["contributor"]
    assert found["firstAdded"][0]["row"] == 3


def test_same_rows_in_another_order(command: Callable[..., Any], taken: Callable[..., None]) -> None:
    taken("old.csv", "text\na\nb\n")
    taken("new.csv", "text\nb\na\n")
    done = command("data", "diff", "old.csv", "new.csv")
    assert done.out == "old.csv -> new.csv: the same 2 rows, in another order\n"
    assert command("data", "diff", "old.csv", "old.csv").out.endswith("the same 2 rows, in the same order\n")


def test_copies_of_a_kept_row_are_told(command: Callable[..., Any], taken: Callable[..., None]) -> None:
    taken("old.csv", "text\na\n")
    taken("new.csv", "text\na\na\na\n")
    done = command("data", "diff", "old.csv", "new.csv")
    assert "  added    new.csv row 1 (sha256:#), 2 copies of it; 1 kept\n" in masked(done.out)


def test_names_that_would_move_the_cursor_are_escaped(
    command: Callable[..., Any], taken: Callable[..., None]
) -> None:
    taken("old.csv", "text,user,made\na,anna,2026-11-01\n")
    taken("new.csv", "text,user,made\na,\x1b[2J,2026-11-01\nb, (none),2026-11-01\nc,,2026-11-01\n")
    done = command("data", "diff", "old.csv", "new.csv", "--by", "contributor")
    assert "\x1b" not in done.out
    assert "  \\x1b[2J " in done.out
    assert "  ' (none)' " in done.out


def test_indexes_must_be_signed_where_a_registry_is_named(
    command: Callable[..., Any], registry: None, taken: Callable[..., None]
) -> None:
    taken("old.csv", OLD, "--registry", "acme")
    taken("new.csv", NEW, "--registry", "acme")
    done = command("data", "diff", "old.csv", "new.csv")
    assert done.out.endswith(
        "old.csv.index.parquet: snapshot signed by dora\nnew.csv.index.parquet: snapshot signed by dora\n"
    )
    assert done.err == ""
    taken("new.csv", NEW.replace("bye", "buy"))
    done = command("data", "diff", "old.csv", "new.csv")
    assert (done.code, done.out) == (1, "")
    assert "no signed snapshot has this index" in done.err


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("none.csv", "error: none.csv: there is no such file\n"),
        ("raw.csv", "error: raw.csv: there is no index of it\n"),
        ("plain.parquet", "error: plain.parquet: not an index of modelward\n"),
    ],
)
def test_what_has_no_index_could_not_be_told(
    command: Callable[..., Any], taken: Callable[..., None], here: Path, name: str, problem: str
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), here / "plain.parquet")
    taken("old.csv", OLD)
    done = command("data", "diff", "old.csv", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(problem)


def test_an_unsigned_index_whose_set_was_changed_is_no_difference(
    command: Callable[..., Any], taken: Callable[..., None], here: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    taken("old.csv", OLD)
    path = here / "old.csv.index.parquet"
    file = pq.ParquetFile(path)
    table, metadata = file.read(), file.metadata.metadata
    taken("new.csv", OLD)
    counts = [3, *table["set:count"].to_pylist()[1:]]
    at = table.schema.get_field_index("set:count")
    with pq.ParquetWriter(path, table.schema) as writer:
        writer.write_table(table.set_column(at, table.schema.field(at), pa.array(counts, pa.int64())))
        writer.add_key_value_metadata({k: v for k, v in metadata.items() if k != b"ARROW:schema"})
    done = command("data", "diff", "old.csv", "new.csv")
    assert (done.code, done.out) == (2, "")
    assert "the index is damaged: its hashes are not over its rows" in done.err
