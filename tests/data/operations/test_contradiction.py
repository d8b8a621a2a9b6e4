from __future__ import annotations

from typing import Any

from modelward.data.operations.contradiction import MAX_LOOKED_FOR, SHOWN_ROWS, Rows


def test_the_first_rows_are_shown_and_all_are_counted(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", [{"text": "a"}])
    after = files.index("bad.csv", [{"text": f"poison {number}"} for number in range(2000)])
    message = refused("filter", [before], [after])
    assert "2000 rows of bad.csv are not in raw.csv" in message
    assert message.count("bad.csv row") == SHOWN_ROWS


def test_rows_are_counted_without_being_kept() -> None:
    rows = Rows.of((number.to_bytes(32, "big"), 2) for number in range(5000))
    assert rows.total == 10_000
    assert len(rows.few) == MAX_LOOKED_FOR
    assert len(rows.first(3)) == 3
