from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from modelward.core import merkle
from modelward.data import trees
from modelward.data.engine import Inline
from modelward.data.index_writer import Form, IndexWriter
from modelward.data.lots import digest_array
from modelward.data.runs import Sorter
from modelward.data.snapshot import take


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "GROUP", 8)
    monkeypatch.setattr(trees, "CHUNK", 4)


def lines(rows: np.ndarray[Any, Any], sizes: list[int]) -> Iterator[Any]:
    at = 0
    for size in sizes:
        yield pa.record_batch({"row": digest_array(rows[at : at + size])})
        at += size


@pytest.mark.parametrize("shards", [[50], [1, 0, 9, 40], [25, 25]])
def test_roots_do_not_depend_on_how_lines_come(shards: list[int]) -> None:
    rows = np.random.default_rng(1).integers(0, 256, (50, 32), np.uint8)
    rows[30:] = rows[:20]
    plain = [merkle.leaf_hash(row.tobytes()) for row in rows]
    for sizes in ([50], [3, 20, 0, 27], [1] * 50):
        sorter = Sorter()
        sorter.add(rows, 0)
        with IndexWriter(Form([], [], shards)) as writer:
            hashed = writer.write(lines(rows, sizes), sorter.merged(), Inline())
            writer._path.unlink()  # nothing of this file is kept
        assert hashed.rows_root.raw == merkle.root(plain)
        assert hashed.distinct == 30
        ends = np.cumsum(shards).tolist()
        assert [root.raw for root in hashed.shards] == [
            merkle.root(plain[end - count : end]) for end, count in zip(ends, shards, strict=True)
        ]
        assert list(hashed.trees.rows) == [merkle.root(plain[at : at + 4]) for at in range(0, 50, 4)]
        assert len(hashed.trees.set) == len(hashed.trees.smallest) == 8


def test_an_index_that_fails_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def failing() -> Iterator[Any]:
        yield from lines(np.zeros((8, 32), np.uint8), [8])
        raise RuntimeError

    with pytest.raises(RuntimeError), IndexWriter(Form([], [], [16])) as writer:
        writer.write(failing(), [], Inline())
    assert list(tmp_path.iterdir()) == []


def test_digests_are_stored_as_they_are_and_repeated_cells_once(files: Any) -> None:
    rows = [{"text": f"t{number}", "label": number % 2} for number in range(8)]
    index = take(files.write("x.jsonl", rows), "d")
    group = index.table.file.metadata.row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert columns["row"].compression == columns["cell:text"].compression == "UNCOMPRESSED"
    assert "RLE_DICTIONARY" in columns["cell:label"].encodings
    assert "RLE_DICTIONARY" not in columns["cell:text"].encodings
