"""merge, split and shuffle keep every row."""

from __future__ import annotations

from typing import Any

ROWS = [{"text": word} for word in "abcd"]


def test_a_row_swapped_for_another_is_named_on_the_way_in(files: Any, accepted: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    assert accepted("shuffle", [before], [files.index("out.csv", ROWS[::-1])])["claim"] == "checked"
    swapped = refused("shuffle", [before], [files.index("bad.csv", [*ROWS[:3], {"text": "e"}])])
    assert "bad.csv row 4" in swapped
    doubled = refused("shuffle", [before], [files.index("two.csv", [*ROWS[:3], ROWS[0]])])
    assert "two.csv row 4" in doubled


def test_a_lost_row_is_named(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    message = refused("shuffle", [before], [files.index("less.csv", ROWS[:3])])
    assert "1 row of raw.csv is not in less.csv" in message
    assert "raw.csv row 4" in message
