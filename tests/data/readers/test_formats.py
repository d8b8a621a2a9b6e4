from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from tests.data.readers.reading import read_rows

from modelward.core.errors import InputError
from modelward.data.readers import formats


def test_unknown_kinds_of_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"a")
    for place in (tmp_path / "x.bin", tmp_path):
        with pytest.raises(InputError, match="not a dataset"):
            read_rows(place)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a/x.CSV", ".csv"),
        ("x.csv.gz", ".csv"),
        ("x.tgz", ".tar"),
        ("x.TAR.ZST", ".tar"),
        ("x.parquet.gz", ""),
        ("x.gz", ""),
        (".csv", ""),
        ("x", ""),
        ("x.tgz.csv", ".csv"),
    ],
)
def test_a_file_is_what_its_name_says(name: str, suffix: str) -> None:
    assert formats.suffix_of(name) == suffix
    assert (formats.reader_for(name) is None) == (not suffix)


def test_readers_can_be_sent_to_other_processes() -> None:
    for name in ("x.csv", "x.jsonl.zst", "x.tar.gz"):
        assert pickle.loads(pickle.dumps(formats.required_reader(name)))
