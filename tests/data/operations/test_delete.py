from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelward.core.errors import UsageError
from modelward.data import leaf_key
from modelward.data.custody import Details, check
from modelward.data.index_file import read_index
from modelward.data.options import Options
from modelward.data.snapshot import take

ROWS = [
    {"text": "one", "by": "ann", "n": 1},
    {"text": "two", "by": "mallory", "n": 2},
    {"text": "two", "by": "mallory", "n": 2},
    {"text": "three", "by": "bob", "n": 3},
]
MALLORY = (("by", "mallory"),)


def test_a_contributor_is_gone_and_all_others_are_kept(files: Any, accepted: Any) -> None:
    before = files.index("raw.jsonl", ROWS)
    done = accepted("delete", [before], [files.index("out.jsonl", [ROWS[3], ROWS[0]])], persons=MALLORY)
    assert (done["claim"], done["rows"]["dropped"], done["columns"]) == ("checked", 2, ["by"])
    assert "mallory" not in str(done)
    by_number = accepted("delete", [before], [files.index("o.jsonl", ROWS[:3])], persons=(("n", "3"),))
    assert by_number["rows"]["dropped"] == 1


def test_rows_are_deleted_by_digest_too(files: Any, accepted: Any, refused: Any) -> None:
    before = files.index("raw.jsonl", ROWS)
    rows = frozenset({before.digest_at(1).raw})
    assert accepted("delete", [before], [files.index("out.jsonl", [ROWS[0], ROWS[3]])], rows=rows)
    kept = files.index("kept.jsonl", [ROWS[0], ROWS[1], ROWS[3]])
    assert "1 row of kept.jsonl is still there" in refused("delete", [before], [kept], rows=rows)


def test_a_row_of_the_contributor_that_stayed_is_named(files: Any, refused: Any) -> None:
    before = files.index("raw.jsonl", ROWS)
    after = files.index("out.jsonl", [ROWS[0], ROWS[3], ROWS[2]])
    message = refused("delete", [before], [after], persons=MALLORY)
    assert "1 row of out.jsonl is still there" in message
    assert "out.jsonl row 3" in message


def test_another_s_row_deleted_or_smuggled_in_on_the_way_is_named(files: Any, refused: Any) -> None:
    before = files.index("raw.jsonl", ROWS)
    lost = refused("delete", [before], [files.index("out.jsonl", ROWS[:1])], persons=MALLORY)
    assert "1 row of raw.jsonl is not in out.jsonl, and of somebody else" in lost
    assert "raw.jsonl row 4" in lost
    more = files.index("more.jsonl", [ROWS[0], ROWS[3], {"text": "poison", "by": "eve", "n": 9}])
    assert "more.jsonl row 3" in refused("delete", [before], [more], persons=MALLORY)


def test_the_contributor_may_not_come_back_under_another_name(files: Any, refused: Any) -> None:
    before = files.index("raw.jsonl", ROWS)
    after = files.index("out.jsonl", [ROWS[0], ROWS[3], {**ROWS[1], "by": "ann"}])
    assert "1 row of out.jsonl is not in raw.jsonl" in refused("delete", [before], [after], persons=MALLORY)


def test_a_deletion_of_nothing_says_nothing(files: Any, refused: Any) -> None:
    before = files.index("raw.jsonl", ROWS)
    assert "has no such row" in refused("delete", [before], [before], persons=(("by", "malory"),))
    for details in (Details(), Details(persons=(("whose", "x"),))):
        with pytest.raises(UsageError):
            check("delete", [before], [before], details=details)


def test_a_keyed_column_is_searched_with_its_key_only(files: Any, accepted: Any, tmp_path: Path) -> None:
    options = leaf_key.identified(Options(keyed=("by",), key=leaf_key.make(tmp_path / "key")))
    before = take(files.write("raw.jsonl", ROWS), "d", options)
    after = take(files.write("out.jsonl", [ROWS[0], ROWS[3]]), "d", options)
    assert accepted("delete", [before], [after], persons=MALLORY)["rows"]["dropped"] == 2
    before.write(tmp_path / "raw.index.parquet")
    after.write(tmp_path / "out.index.parquet")
    without = [read_index(tmp_path / f"{name}.index.parquet") for name in ("raw", "out")]
    with pytest.raises(UsageError, match="keyed: without the key nobody finds a value"):
        check("delete", without[:1], without[1:], details=Details(persons=MALLORY))
    rows = frozenset({before.digest_at(1).raw})
    assert accepted("delete", without[:1], without[1:], rows=rows)["rows"]["dropped"] == 2
