from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.core.errors import InputError
from modelward.data.index import Index, Options
from modelward.data.snapshot import take

Row = dict[str, Any]


class Files:
    """Writes rows as files below a directory; the suffix says as what."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, name: str, rows: list[Row], **options: Any) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":
            with path.open("w", newline="", encoding="utf-8") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        elif path.suffix == ".jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        else:
            pq.write_table(pa.Table.from_pylist(rows), path, **options)
        return path

    def index(self, name: str, rows: list[Row], **types: str) -> Index:
        return take(self.write(name, rows), "sms", Options(types=types))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def refused(tmp_path: Path) -> Callable[..., InputError]:
    """Reads a file of this content, and gives the error that names the file."""

    def read(name: str, content: bytes, options: Options | None = None) -> InputError:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError) as caught:
            take(tmp_path / name, "d", options)
        assert caught.value.where is not None
        assert caught.value.where.startswith(name)
        return caught.value

    return read


@pytest.fixture
def rows() -> list[Row]:
    return [{"id": str(number), "text": f"message {number}", "label": "ham"} for number in range(12)]
