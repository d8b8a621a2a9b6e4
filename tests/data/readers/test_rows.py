from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from modelward.core.errors import UsageError
from modelward.data import places
from modelward.data.readers import delimited
from modelward.data.readers.rows import batches


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    table = pd.DataFrame({"a": range(10), "b": ["x"] * 10, "c": [0.5] * 10})
    table.to_csv(tmp_path / "1.csv", index=False)
    table.to_parquet(tmp_path / "2.parquet")
    table.drop(columns="c").to_json(tmp_path / "3.jsonl", orient="records", lines=True)
    return tmp_path


def test_all_rows_come_in_order_with_their_shard(tree: Path) -> None:
    types = {"a": "int64", "c": "double"}
    found = [
        (part.name, batch.columns["a"][at])
        for part, batch in batches(tree, types)
        for at in range(batch.rows)
    ]
    assert found == [(name, number) for name in ("1.csv", "2.parquet", "3.jsonl") for number in range(10)]


def test_columns_may_be_chosen(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BATCH_ROWS", 3)
    seen = [
        (dict(batch.columns).keys(), batch.rows)
        for _, batch in batches(places.find(tree), columns=["c", "b"])
    ]
    assert max(rows for names, rows in seen if rows) == 10
    assert set(seen[0][0]) == {"b", "c"}
    assert sum(rows for _, rows in seen) == 30
    with pytest.raises(UsageError, match="no column 'z'"):
        list(batches(tree, columns=["a", "z"]))
