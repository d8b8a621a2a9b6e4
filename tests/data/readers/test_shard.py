from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.data.snapshot import take


def test_huge_rows_are_refused_not_held(
    refused: Callable[..., InputError], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("shard", "delimited"):
        monkeypatch.setattr(f"modelward.data.readers.{module}.MAX_ROW_BYTES", 1000)
    for name, content in (
        ("x.csv", b"a\n" + b"x" * 2000 + b"\n"),
        ("x.csv", b'a\n"' + b"x\n" * 2000 + b'"\n'),
        ("x.jsonl", b'{"a": "' + b"x" * 2000 + b'"}\n'),
    ):
        assert isinstance(refused(name, content), LimitExceeded)


def test_a_pipe_or_missing_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(InputError, match="regular"):
        take(tmp_path / "x.csv", "d")
    with pytest.raises(InputError, match="cannot be read"):
        take(tmp_path / "missing.csv", "d")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@settings(deadline=None, max_examples=80)
@given(st.data())
def test_damaged_files_raise_nothing_but_our_errors(suffix: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"x{suffix}"
        if suffix == ".parquet":
            pq.write_table(pa.table({"a": ["x", "y"] * 20, "b": [[1], None] * 20}), path, compression="zstd")
        elif suffix == ".csv":
            path.write_bytes(b'a,b\n1,"x"\n2,"y\n""z"\n')
        else:
            path.write_bytes(b'{"a": [1, {"b": "\\u00e9"}]}\n{"a": null}\n')
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
        if data.draw(st.booleans()):
            del content[data.draw(st.integers(0, len(content) - 1)) :]
        path.write_bytes(content)
        try:
            take(path, "d")
        except ModelwardError as error:
            assert error.where  # noqa: PT017
