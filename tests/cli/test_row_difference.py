from __future__ import annotations

import csv
from pathlib import Path

import pytest

from modelward.cli.row_difference import LISTED_ROWS, answer_difference, as_object, counted
from modelward.data.snapshot import take
from modelward.data.verify import RowDifference, compare


def difference(here: Path, before: list[str], after: list[str]) -> RowDifference:
    indexes = []
    for name, texts in (("before.csv", before), ("after.csv", after)):
        with (here / name).open("w", newline="") as stream:
            csv.writer(stream).writerows([["id", "text"], *([text, "same"] for text in texts)])
        indexes.append(take(here / name, "d"))
    return compare(*indexes)


def test_each_kind_of_row_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer_difference(difference(tmp_path, ["a", "b", "c", "d", "e"], ["x", "b", "d", "c", "e", "new"]))
    assert capsys.readouterr().out == (
        "after.csv: NOT the rows of the index: 1 changed, 1 added, 1 moved\n"
        "  changed  after.csv row 1, was before.csv row 1: id\n"
        "  added    after.csv row 6\n"
        "  moved    after.csv row 4, was before.csv row 3\n"
    )


def test_a_long_list_is_cut_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = difference(tmp_path, [], [str(number) for number in range(LISTED_ROWS + 1500)])
    answer_difference(found)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == LISTED_ROWS + 2
    assert lines[-1] == "  added    and 1,500 more"
    assert len(as_object(found, None)["added"]) == LISTED_ROWS + 1500


def test_counts_read_well() -> None:
    assert [counted(number, "row") for number in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
