from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelward.core.errors import UsageError
from modelward.data.custody import Details, check
from modelward.data.index import Index
from modelward.data.operations.mapping import RowMapping

ROWS = [{"id": str(number), "text": f"Text {number}"} for number in range(6)]
LOWER = [{**row, "text": row["text"].lower()} for row in ROWS]


def mapping(path: Path, before: Index, after: Index, *pairs: tuple[int, int]) -> RowMapping:
    befores = [before.digest_at(one).raw for one, _ in pairs]
    afters = [after.digest_at(other).raw for _, other in pairs]
    return RowMapping.write(path / "map.parquet", [(befores, afters)])


def test_every_row_is_accounted_for_by_a_mapping(files: Any, accepted: Any, tmp_path: Path) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("out.csv", LOWER)
    pairs = mapping(tmp_path, before, after, *((at, at) for at in range(6)))
    done = accepted("map", [before], [after], mapping=pairs)
    assert done["claim"] == "mapped"
    assert done["mapping"] == {"file": str(pairs.digest), "oneToOne": True}


def test_a_row_that_comes_from_nowhere_is_named(files: Any, refused: Any, tmp_path: Path) -> None:
    before = files.index("raw.csv", ROWS)
    after = files.index("out.csv", [*LOWER, {"id": "9", "text": "poison"}])
    pairs = mapping(tmp_path, before, after, *((at, at) for at in range(6)))
    message = refused("map", [before], [after], mapping=pairs)
    assert "1 row of out.csv is mapped from no row of an input" in message
    assert "out.csv row 7" in message
    assert "text='poison'" in message


def test_a_row_that_goes_unseen_is_named_unless_it_was_dropped(
    files: Any, accepted: Any, refused: Any, tmp_path: Path
) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("out.csv", LOWER[:5])
    pairs = mapping(tmp_path, before, after, *((at, at) for at in range(5)))
    assert "raw.csv row 6" in refused("map", [before], [after], mapping=pairs)
    dropped = files.index("dropped.csv", ROWS[5:])
    assert accepted("map", [before], [after], dropped, mapping=pairs)["rows"]["dropped"] == 1


def test_a_row_mapped_twice_needs_fan_out_to_be_said(
    files: Any, accepted: Any, refused: Any, tmp_path: Path
) -> None:
    before = files.index("raw.csv", ROWS)
    after = files.index("out.csv", [*LOWER, {"id": "0", "text": "text 0 again"}])
    pairs = mapping(tmp_path, before, after, *((at, at) for at in range(6)), (0, 6))
    assert "1 row too many maps or drops: not in raw.csv" in refused("map", [before], [after], mapping=pairs)
    done = accepted("map", [before], [after], mapping=pairs, fan_out=True)
    assert done["mapping"]["oneToOne"] is False


def test_a_mapping_of_rows_that_are_not_there_is_refused(files: Any, refused: Any, tmp_path: Path) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("out.csv", LOWER[:5])
    other = files.index("other.csv", LOWER)
    pairs = mapping(tmp_path, before, other, *((at, at) for at in range(6)))
    assert "1 row too many becomes: not in out.csv" in refused("map", [before], [after], mapping=pairs)


def test_a_key_column_accounts_for_every_row(files: Any, accepted: Any, refused: Any) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("out.csv", LOWER)
    assert accepted("map", [before], [after], key="id")["mapping"] == {"key": "id", "oneToOne": True}
    more = files.index("more.csv", [*LOWER, {"id": "9", "text": "poison"}])
    message = refused("map", [before], [more], key="id")
    assert "1 row of more.csv is of a 'id' that no input has" in message
    assert "more.csv row 7" in message
    twice = files.index("twice.csv", [*LOWER, {"id": "3", "text": "poison"}])
    assert "twice.csv row 7" in refused("map", [before], [twice], key="id")
    assert accepted("map", [before], [twice], key="id", fan_out=True)["claim"] == "mapped"
    lost = refused("map", [before], [files.index("less.csv", LOWER[:5])], key="id")
    assert "raw.csv row 6" in lost


def test_which_row_became_which_is_said_once(files: Any, tmp_path: Path) -> None:
    before, after = files.index("raw.csv", ROWS), files.index("out.csv", LOWER)
    pairs = mapping(tmp_path, before, after, (0, 0))
    for details in (
        Details(mapping=pairs, key="id"),
        Details(fan_out=True),
        Details(key="nowhere"),
        Details(columns=("id",)),
    ):
        with pytest.raises(UsageError):
            check("map", [before], [after], details=details)
