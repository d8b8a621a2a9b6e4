from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelward.core.errors import InputError
from modelward.data import trees
from modelward.data.index import Index
from modelward.data.index_table import IndexTable
from modelward.data.snapshot import take


@pytest.fixture
def index(files: Any, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setattr(trees, "GROUP", 8)
    monkeypatch.setattr(trees, "CHUNK", 4)
    rows = [{"text": f"row {number % 30}", "n": number if number % 3 else None} for number in range(50)]
    return take(files.write("x.jsonl", rows), "d")


def test_rows_come_from_any_row_group(index: Index) -> None:
    table = index.table
    assert (table.rows, table.group_rows, table.groups) == (50, 8, 7)
    everything = table.digests(0, 50)
    for start, stop in ((0, 1), (7, 9), (5, 40), (49, 50), (8, 8)):
        assert np.array_equal(table.digests(start, stop), everything[start:stop])
    with pytest.raises(InputError, match="a digest is missing"):
        table.digests(0, 8, "cell:n")


def test_the_set_ends_before_the_rows_do(index: Index) -> None:
    records = np.concatenate(list(index.table.records(3)))
    assert len(records) == index.distinct < index.rows
    assert records["count"].sum() == 50


def test_a_temporary_table_vanishes(index: Index, tmp_path: Path) -> None:
    path = index.table.path
    index.write(tmp_path / "kept.parquet")
    assert path.exists()
    index.close()
    assert not path.exists()
    kept = IndexTable(tmp_path / "kept.parquet")
    assert kept.digest == index.digest
    kept.close()
    assert (tmp_path / "kept.parquet").exists()


def test_an_index_that_is_gone_or_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"PAR1 not really PAR1")
    for name in ("x", "missing"):
        with pytest.raises(InputError) as caught:
            IndexTable(tmp_path / name)
        assert caught.value.where == str(tmp_path / name)
