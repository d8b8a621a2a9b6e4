from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelward.data.preview import described
from modelward.data.snapshot import take

Rows = list[dict[str, Any]]


def test_rows_are_shown_from_their_shards(files: Any, tmp_path: Path, rows: Rows) -> None:
    files.write("data/a.csv", rows[:5])
    files.write("data/b.parquet", rows[5:])
    index = take(tmp_path / "data", "d")
    first, second = described(index, [6, 1])
    assert first == f"b.parquet row 2 ({index.digest_at(6).short}): id='6', text='message 6', label='ham'"
    assert second.startswith("a.csv row 2 (")
    assert "message 1" in second


def test_long_cells_are_cut_and_nulls_left_out(files: Any) -> None:
    path = files.write("x.jsonl", [{"text": "x" * 5000, "note": None}])
    (line,) = described(take(path, "d"), [0])
    assert len(line) < 150
    assert "note" not in line


@pytest.mark.parametrize("damage", ["gone", "changed", "broken"])
def test_data_that_is_no_longer_what_was_read_is_not_shown(files: Any, rows: Rows, damage: str) -> None:
    path = files.write("x.csv", rows)
    index = take(path, "d")
    if damage == "gone":
        path.unlink()
    else:
        path.write_text("id,text,label\n0,other,ham\n" if damage == "changed" else "id,text,label\n0\n")
    assert described(index, [0]) == [f"x.csv row 1 ({index.digest_at(0).short})"]
