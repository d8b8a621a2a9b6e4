from __future__ import annotations

import pyarrow as pa
import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.readers import arrow_tables, shard
from modelward.data.readers.shard import OpenShard

SHARD = OpenShard("x.parquet", None)


def test_batches_are_cut_by_rows_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow_tables, "BATCH_BYTES", 10_000)
    monkeypatch.setattr(arrow_tables, "MAX_MEDIA_BYTES", 50_000)
    small = ["x"] * 50_000
    parts = list(arrow_tables.slices(SHARD, pa.record_batch({"a": small}), 0))
    assert sum(part.num_rows for part in parts) == len(small)
    assert max(part.num_rows for part in parts) <= shard.BATCH_ROWS
    uneven = ["x"] * 1000 + ["y" * 90_000] + ["x"] * 1000
    parts = list(arrow_tables.slices(SHARD, pa.record_batch({"a": uneven}), 0))
    assert [value for part in parts for value in part.column(0).to_pylist()] == uneven
    with pytest.raises(LimitExceeded) as caught:
        list(arrow_tables.slices(SHARD, pa.record_batch({"a": [*uneven, "z" * 110_000]}), 5))
    assert caught.value.where == "x.parquet: row 2007"


def test_an_index_of_ours_is_no_data() -> None:
    with pytest.raises(InputError, match="index"):
        arrow_tables.shapes_of(SHARD, pa.schema([], metadata={"modelward": "x"}))


def test_a_batch_is_cut_within_lists() -> None:
    table = pa.record_batch({"a": [[number, None] for number in range(20_000)]})
    parts = list(arrow_tables.slices(SHARD, table, 0))
    assert len(parts) > 1
