from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import datasets
import pytest
from tests.data.readers.reading import ROWS, read_digests, refusal

from modelward.data import places

datasets.disable_progress_bars()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    datasets.Dataset.from_list(ROWS).save_to_disk(tmp_path / "saved", num_shards=3)
    return tmp_path / "saved"


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_the_files_of_a_saved_dataset_are_its_shards(saved: Path) -> None:
    dataset = places.find(saved)
    assert [part.name for part in dataset.parts] == [
        f"data-0000{number}-of-00003.arrow" for number in range(3)
    ]
    assert dataset.unread == 2
    assert len(read_digests(saved)) == len(ROWS)


def test_splits_are_shards_and_their_order_is_that_of_their_names(tmp_path: Path, saved: Path) -> None:
    whole = datasets.Dataset.from_list(ROWS)
    splits = datasets.DatasetDict({"b": whole.select(range(10, 23)), "a": whole.select(range(10))})
    splits.save_to_disk(tmp_path / "splits")
    assert read_digests(tmp_path / "splits") == read_digests(saved)
    assert [part.name for part in places.find(tmp_path / "splits").parts] == [
        "a/data-00000-of-00001.arrow",
        "b/data-00000-of-00001.arrow",
    ]


def test_a_selection_is_read_as_it_was_saved(tmp_path: Path, saved: Path) -> None:
    shuffled = datasets.load_from_disk(saved).shuffle(seed=1)
    shuffled.save_to_disk(tmp_path / "shuffled")
    digests = read_digests(tmp_path / "shuffled")
    assert digests != read_digests(saved)
    assert sorted(digests) == sorted(read_digests(saved))


def test_a_selection_that_was_never_written_out_is_refused(saved: Path) -> None:
    edit(saved / "state.json", _indices_data_files=[{"filename": "indices.arrow"}])
    assert "flatten_indices" in str(refusal(saved).help)


def test_files_of_the_cache_are_no_rows(saved: Path) -> None:
    shutil.copy(saved / "data-00000-of-00003.arrow", saved / "cache-0123.arrow")
    assert len(read_digests(saved)) == len(ROWS)


def test_a_file_that_is_missing_or_not_listed_is_refused(saved: Path) -> None:
    shutil.copy(saved / "data-00000-of-00003.arrow", saved / "data-00003-of-00003.arrow")
    error = refusal(saved)
    assert error.where == "data-00003-of-00003.arrow"
    assert "not listed" in error.message
    (saved / "data-00003-of-00003.arrow").unlink()
    (saved / "data-00001-of-00003.arrow").unlink()
    error = refusal(saved)
    assert error.where == "data-00001-of-00003.arrow"
    assert "missing" in error.message


@pytest.mark.parametrize(
    "files",
    [
        None,
        [1],
        [{"filename": "../other/data.arrow"}],
        [{"filename": "/etc/passwd.arrow"}],
        [{"filename": "data-00001-of-00003.arrow"}, {"filename": "data-00000-of-00003.arrow"}],
        [{"filename": "data-00000-of-00003.arrow"}, {"filename": "data-00000-of-00003.arrow"}],
    ],
)
def test_a_list_that_no_dataset_has_is_refused(saved: Path, files: Any) -> None:
    edit(saved / "state.json", _data_files=files)
    assert refusal(saved).where == "state.json"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a": 1, "a": 2}', b"\xff", b"[" * 10_000])
def test_a_state_that_is_no_object_is_refused(saved: Path, content: bytes) -> None:
    (saved / "state.json").write_bytes(content)
    assert refusal(saved).where == "state.json"


def test_splits_that_are_missing_or_not_listed_are_refused(tmp_path: Path) -> None:
    rows = datasets.Dataset.from_list(ROWS[:2])
    root = tmp_path / "splits"
    datasets.DatasetDict({"a": rows, "b": rows}).save_to_disk(root)
    edit(root / "dataset_dict.json", splits=["a"])
    assert "'b' is not listed" in refusal(root).message
    edit(root / "dataset_dict.json", splits=["a", "b", "c"])
    assert "'c' is missing" in refusal(root).message
    edit(root / "dataset_dict.json", splits="a")
    assert "does not list" in refusal(root).message
