"""label, annotate, redact: all but the named columns are as they were."""

from __future__ import annotations

from typing import Any

import pytest

from modelward.core.errors import UsageError
from modelward.data.custody import Details, check

ROWS = [{"text": "win a prize", "label": "spam"}, {"text": "hello", "label": "ham"}]


def test_new_labels_are_accepted_and_a_text_changed_on_the_way_is_named(
    files: Any, accepted: Any, refused: Any
) -> None:
    before = files.index("raw.csv", ROWS)
    after = files.index("labelled.csv", [{**row, "label": "ham", "by": "ann"} for row in ROWS])
    done = accepted("label", [before], [after], columns=("label", "by"))
    assert (done["claim"], done["columns"]) == ("checked", ("label", "by"))
    bad = files.index("bad.csv", [{"text": "win a prise", "label": "ham"}, ROWS[1]])
    message = refused("label", [before], [bad], columns=("label",))
    assert "1 row of bad.csv (without label) is not in raw.csv" in message
    assert "bad.csv row 1" in message
    assert "text='win a prise'" in message


@pytest.mark.parametrize("operation", ["label", "annotate"])
def test_a_column_that_is_not_named_may_neither_come_nor_go(files: Any, refused: Any, operation: str) -> None:
    before = files.index("raw.csv", ROWS)
    more = files.index("more.csv", [{**row, "extra": "1"} for row in ROWS])
    assert "column 'extra' was added, which is not said" in refused(
        operation, [before], [more], columns=("label",)
    )
    fewer = files.index("fewer.csv", [{"text": row["text"], "new": "x"} for row in ROWS])
    assert "column 'label' was removed" in refused(operation, [before], [fewer], columns=("new",))
    assert "column 'label' was removed" in refused(operation, [before], [fewer], columns=("new", "label"))


def test_a_row_smuggled_in_or_lost_while_labelling_is_named(files: Any, refused: Any) -> None:
    before = files.index("raw.csv", ROWS)
    more = files.index("more.csv", [*ROWS, {"text": "poison", "label": "ham"}])
    assert "more.csv row 3" in refused("label", [before], [more], columns=("label",))
    twice = files.index("twice.csv", [*ROWS, ROWS[0]])
    assert "twice.csv row 3" in refused("label", [before], [twice], columns=("label",))
    less = files.index("less.csv", ROWS[:1])
    assert "raw.csv row 2" in refused("label", [before], [less], columns=("label",))


def test_cells_swapped_between_two_rows_are_named(files: Any, refused: Any) -> None:
    rows = [{"id": str(number), **row} for number, row in enumerate(ROWS)]
    swapped = [{**rows[0], "text": rows[1]["text"]}, {**rows[1], "text": rows[0]["text"]}]
    before, after = files.index("raw.csv", rows), files.index("swapped.csv", swapped)
    message = refused("label", [before], [after], columns=("label",))
    assert "2 rows of swapped.csv (without label) are not in raw.csv" in message
    assert "swapped.csv row 1" in message
    assert "swapped.csv row 2" in message


def test_naming_every_column_leaves_nothing_to_check(files: Any) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("out.csv", [{"text": "x", "label": "y"}] * 2)
    for columns in (("text", "label"), ("nowhere",), ()):
        with pytest.raises(UsageError):
            check("annotate", [before], [after], details=Details(columns=columns))
