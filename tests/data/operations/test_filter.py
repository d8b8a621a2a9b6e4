from __future__ import annotations

from typing import Any

import pytest

from modelward.core.errors import LimitExceeded, UsageError
from modelward.data.custody import Details, check
from modelward.data.index import Index, Options
from modelward.data.snapshot import take

ROWS = [{"text": word} for word in ("a", "b", "c", "d")]


def labelled(files: Any, name: str, rows: list[dict[str, str]]) -> Index:
    return take(files.write(name, rows), "sms", Options(label=("why",)))


def test_reasons_are_counted_and_are_no_part_of_the_rows(files: Any, accepted: Any) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("clean.csv", ROWS[:1])
    dropped = labelled(
        files, "dropped.csv", [{**row, "why": why} for row, why in zip(ROWS[1:], "xyx", strict=True)]
    )
    done = accepted("filter", [before], [after], dropped, reason_column="why")
    assert done["reasons"] == {"x": 2, "y": 1}
    assert done["rows"]["dropped"] == 3


def test_the_reason_hides_neither_a_lost_nor_a_foreign_row(files: Any, refused: Any) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("clean.csv", ROWS[:1])
    fewer = labelled(files, "fewer.csv", [{**row, "why": "x"} for row in ROWS[1:3]])
    assert "raw.csv row 4" in refused("filter", [before], [after], fewer, reason_column="why")
    foreign = labelled(files, "foreign.csv", [{"text": word, "why": "x"} for word in "bcde"])
    message = refused("filter", [before], [after], foreign, reason_column="why")
    assert "foreign.csv row 4" in message
    assert "text='e'" in message


def test_a_row_smuggled_in_is_named_even_if_as_many_were_dropped(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    after = files.index("clean.csv", [*ROWS[:3], {"text": "poison"}])
    message = refused("filter", [before], [after], files.index("dropped.csv", ROWS[3:]))
    assert "1 row of clean.csv is not in raw.csv" in message
    assert "clean.csv row 4" in message


def test_a_column_of_free_text_holds_no_reasons(files: Any) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("clean.csv", ROWS[:3])
    dropped = labelled(files, "dropped.csv", [{**ROWS[3], "why": "long " * 100}])
    with pytest.raises(LimitExceeded):
        check("filter", [before], [after], dropped, details=Details(reason_column="why"))
    for rest in (None, files.index("plain.csv", ROWS[3:])):
        with pytest.raises(UsageError):
            check("filter", [before], [after], rest, details=Details(reason_column="why"))
