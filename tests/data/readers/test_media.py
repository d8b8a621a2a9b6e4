from __future__ import annotations

import json
import wave
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from datasets.table import embed_table_storage
from PIL import Image
from tests.data.readers.reading import read_digests, read_rows, refusal

from modelward.core.errors import LimitExceeded
from modelward.core.progress import Silent
from modelward.data import places
from modelward.data.readers import media


def picture(path: Path, shade: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(path)
    return path


def table(folder: Path, names: list[str], key: str = "file_name") -> Path:
    path = folder / "metadata.jsonl"
    path.write_text("".join(json.dumps({key: name, "caption": f"c {name}"}) + "\n" for name in names))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    for number in range(4):
        picture(root / "train" / "deep" / f"{number}.png", number)
    table(root / "train", [f"deep/{number}.png" for number in range(4)])
    return root


def test_a_folder_has_the_digests_that_datasets_gives_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    loaded = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), split="train", cache_dir=str(tmp_path / "cache")
    )
    loaded.save_to_disk(tmp_path / "saved")
    expected = read_digests(tmp_path / "saved")
    assert len(expected) == 4
    assert read_digests(folder) == expected
    pq.write_table(embed_table_storage(loaded.data.table), tmp_path / "x.parquet")  # as on the Hub
    assert read_digests(tmp_path / "x.parquet") == expected


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_table_may_be_of_any_format(folder: Path, suffix: str) -> None:
    expected = read_digests(folder)
    found = folder / "train" / "metadata.jsonl"
    rows = datasets.Dataset.from_list([json.loads(line) for line in found.read_text().splitlines()])
    if suffix == "csv":
        rows.to_pandas().to_csv(found.with_suffix(".csv"), index=False)
    else:
        pq.write_table(rows.data.table, found.with_suffix(".parquet"))
    found.unlink()
    assert read_digests(folder) == expected


def test_recordings_are_a_column_of_their_own(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(100))
    table(tmp_path, ["a.wav"])
    (row,) = read_rows(tmp_path)
    assert row["audio"] == {"bytes": (tmp_path / "a.wav").read_bytes(), "path": "a.wav"}
    assert row["caption"] == "c a.wav"
    assert "file_name" not in row


def test_a_row_may_name_several_files(tmp_path: Path) -> None:
    before, after = picture(tmp_path / "1.png", 1), picture(tmp_path / "2.png", 2)
    (tmp_path / "metadata.csv").write_text("before_file_name,after_file_name\n1.png,2.png\n")
    (row,) = read_rows(tmp_path)
    assert row["before"]["bytes"] == before.read_bytes()
    assert row["after"]["bytes"] == after.read_bytes()


def test_a_picture_that_is_replaced_changes_its_row_and_the_shard(folder: Path) -> None:
    dataset = places.find(folder)
    before = read_digests(folder), dataset.known(dataset.parts[0])
    picture(folder / "train" / "deep" / "2.png", 99)
    dataset = places.find(folder)
    rows, shard = read_digests(folder), dataset.known(dataset.parts[0])
    assert [one == other for one, other in zip(before[0], rows, strict=True)] == [True, True, False, True]
    assert shard != before[1]
    assert str(shard).startswith("dirHash:")
    with dataset.open(dataset.parts[0], Silent()) as opened:
        assert sum(batch.rows for batch in dataset.parts[0].read(opened, {})) == 4
        assert opened.digest() == shard


def test_a_file_that_no_row_names_is_refused(folder: Path) -> None:
    picture(folder / "train" / "extra.png")
    error = refusal(folder)
    assert error.where == "train/extra.png"
    assert "not listed" in error.message


def test_a_file_without_a_table_above_it_is_refused(folder: Path) -> None:
    picture(folder / "test" / "x.png")
    assert refusal(folder).where == "test/x.png"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.png", "no file"),
        ("../../secret.png", "leads out"),
        ("/etc/passwd", "leads out"),
        ("deep\\0.png", "leads out"),
        ("../train/deep/0.png", "leads out"),
        ("metadata.jsonl/../deep/0.png", "leads out"),
        ("", "not a name"),
    ],
)
def test_a_row_that_names_no_file_of_the_folder_is_refused(folder: Path, name: str, message: str) -> None:
    picture(folder.parent / "secret.png")
    with (folder / "train" / "metadata.jsonl").open("a") as stream:
        stream.write(json.dumps({"file_name": name}) + "\n")
    error = refusal(folder)
    assert message in error.message
    assert str(error.where) == "train/metadata.jsonl: row 5"


def test_a_table_that_names_no_files_is_refused(folder: Path) -> None:
    (folder / "train" / "metadata.jsonl").write_text('{"name": "deep/0.png"}\n')
    assert "no column 'file_name'" in refusal(folder).message
    (folder / "train" / "metadata.jsonl").write_text('{"file_name": null}\n')
    assert "names no file" in refusal(folder).message
    (folder / "train" / "metadata.jsonl").write_text('{"file_name": "deep/0.png", "image": 1}\n')
    assert "twice" in refusal(folder).message


def test_two_tables_of_one_folder_are_refused(folder: Path) -> None:
    (folder / "train" / "metadata.csv").write_text("file_name\n")
    assert "two tables" in refusal(folder).message


def test_large_pictures_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelward.data.readers.shard.MAX_MEDIA_BYTES", 10)
    error = refusal(folder)
    assert isinstance(error, LimitExceeded)
    assert error.where == "train/deep/0.png"


def test_batches_are_cut_by_the_size_of_the_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read_digests(folder)
    monkeypatch.setattr(media, "BATCH_BYTES", 100)
    monkeypatch.setattr(media, "_STEP", 3)
    assert read_digests(folder) == expected


def test_without_a_table_the_folder_is_the_label(tmp_path: Path) -> None:
    for name in ("cat/1.png", "cat/2.png", "dog/1.jpg", "train/x.png", "root.png"):
        picture(tmp_path / name)
    dataset = places.find(tmp_path)
    assert [part.name for part in dataset.parts] == [".", "cat", "dog", "train"]
    rows = read_rows(tmp_path)
    assert [row.get("label") for row in rows] == [None, "cat", "cat", "dog", None]
    assert [row["image"]["path"] for row in rows] == ["root.png", "1.png", "2.png", "1.jpg", "x.png"]
    assert str(dataset.known(dataset.parts[1])).startswith("dirHash:")
