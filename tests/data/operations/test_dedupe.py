from __future__ import annotations

from typing import Any

ROWS = [{"text": "a", "n": "1"}, {"text": "a", "n": "2"}, {"text": "b", "n": "3"}]


def test_rows_equal_in_the_named_columns_are_one(files: Any, accepted: Any) -> None:
    before = files.index("raw.csv", ROWS)
    done = accepted("dedupe", [before], [files.index("out.csv", ROWS[1:])], columns=("text",))
    assert (done["rows"]["dropped"], done["columns"], done["claim"]) == (1, ("text",), "checked")


def test_a_row_lost_kept_twice_or_changed_is_named(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    lost = refused("dedupe", [before], [files.index("lost.csv", ROWS[:1])], columns=("text",))
    assert "1 row of raw.csv" in lost
    assert "raw.csv row 3" in lost
    kept = refused("dedupe", [before], [files.index("kept.csv", ROWS)], columns=("text",))
    assert "there before" in kept
    assert "kept.csv row 2" in kept
    mixed = files.index("mixed.csv", [{"text": "a", "n": "3"}, ROWS[2]])
    assert "not in raw.csv" in refused("dedupe", [before], [mixed], columns=("text",))
