"""Datasets on disk, written by the libraries that people use, and their rows by digest."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from modelward.core.errors import ModelwardError
from modelward.data.cells import digests
from modelward.data.readers.rows import batches
from modelward.data.rows import row_digests

Row = dict[str, Any]

#: A chat, a preference, what nests and what is missing.
ROWS: list[Row] = [
    {
        "id": number,
        "score": number / 4,
        "text": f'häl"lo,\n{number}',
        "chosen": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": f"yes {number}"}],
        "rejected": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None if number % 2 else "no"},
        ],
        "tags": [] if number % 3 else ["a", None],
        "kind": None if number % 5 else "odd",
    }
    for number in range(23)
]


def read_rows(place: Any, types: Mapping[str, str] | None = None) -> list[Row]:
    """All rows, nulls left out."""
    return [
        {name: values[at] for name, values in batch.columns.items() if values[at] is not None}
        for _, batch in batches(place, types)
        for at in range(batch.rows)
    ]


def read_digests(place: Any, types: Mapping[str, str] | None = None) -> list[bytes]:
    """The row digests of a dataset, in order."""
    found: list[bytes] = []
    for _, batch in batches(place, types):
        cells = {name: digests(values) for name, values in batch.columns.items()}
        found += row_digests(list(cells), list(cells.values()), batch.rows)
    return found


def refusal(place: Any, types: Mapping[str, str] | None = None) -> ModelwardError:
    """The error that reading a dataset ends with."""
    with pytest.raises(ModelwardError) as caught:
        read_rows(place, types)
    assert caught.value.where
    return caught.value


def tar(path: Path, members: Mapping[str, bytes | tarfile.TarInfo]) -> Path:
    """A tar with these members; a TarInfo is written as it is, without content."""
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return path
