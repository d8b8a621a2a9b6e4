"""A profile as text: what people read, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.profile.conftest import rows, write

from modelward.data.profile import facts
from modelward.data.profile.profile import Options, take
from modelward.data.profile.view import Plan
from modelward.render.profile import lines


@pytest.fixture
def found(tmp_path: Path) -> facts.Profile:
    content = rows(100)
    content[3]["text"] = content[9]["text"]
    content[7]["text"] = "please write to bob@acme.io about the house"
    content[8]["group"] = None
    for row in content:
        row["age"] = round(row["age"])
    write(tmp_path / "d", {"train.parquet": content, "test.parquet": [content[50], *rows(4, seed=2)]})
    return take(tmp_path / "d", "people", Options(Plan(attributes=("group",)), licence="CC0-1.0"))


def test_the_report(found: facts.Profile) -> None:
    assert list(lines(found))[1:] == TEXT.strip("\n").split("\n")


TEXT = """
  rows       105: test 5, train 100
  columns    age number; 19 to 73.4687, median 40; 39 different
             group text; 0.95% missing; north 56, south 48; 2 different
             label text; no 55, yes 50; 2 different
             text text; 43 to 134 characters, median 117; 103 different
  copies     1; 2 by the words alone; 0 nearly alike
  overlap    1 of 5 rows of d:test: 1 the same, 1 same words, 1 nearly, 1 by a run of words
  personal   e-mail address in 1 of text
  language   en 100.0%
  toxic      0%, 95% interval to 3.5%
  licence    CC0-1.0 (declared)
  gap        group: no 9.2% more often for north than south (p 0.7)
  gap        group: yes 9.2% more often for south than north (p 0.7)
warning[label-conflicts]: label: 1 text with more than one label
warning[duplicate-texts]: 2 rows (1.9%) with the words of another
  --> test.parquet row 1, 2 times
  --> train.parquet row 4, 2 times
warning[evaluation-overlap]: 1 of 5 rows of d:test here too, 1 with all columns
  --> train.parquet row 51 is test.parquet row 1
warning[personal-data]: text: 1 row with an e-mail address
  --> train.parquet row 8
4 warnings
"""


def test_hostile_names_are_escaped(tmp_path: Path) -> None:
    write(tmp_path, {"d.parquet": [{"a\x1b[2J\nforged": "x\u202ey"}] * 40})
    text = "\n".join(lines(take(tmp_path / "d.parquet", "d")))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\nforged" not in text
