from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.core.errors import InputError
from modelward.data.snapshot import take


def test_parquet_that_names_a_column_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(InputError, match="'a' is there twice"):
        take(path, "d")


def test_parquet_with_broken_text_is_refused(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(),
        1,
        [None, pa.py_buffer((0).to_bytes(4, "little") + (1).to_bytes(4, "little")), pa.py_buffer(b"\xff")],
    )
    pq.write_table(pa.table({"a": broken}), tmp_path / "x.parquet")
    with pytest.raises(InputError, match="Parquet"):
        take(tmp_path / "x.parquet", "d")
