from __future__ import annotations

import bz2
import gzip
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import datasets
import lz4.frame
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.data.readers.reading import ROWS, read_digests, read_rows, refusal, tar

from modelward.core.errors import InputError, LimitExceeded, ModelwardError
from modelward.core.progress import Silent
from modelward.data import places
from modelward.data.readers import shard

datasets.disable_progress_bars()
LINES = b'{"a": [1, {"b": "\\u00e9"}]}\n{"a": null}\n'
TABLE = pa.Table.from_pylist(ROWS)


def write_stream(path: Path) -> None:
    with pa.ipc.new_stream(path, TABLE.schema) as stream:
        stream.write_table(TABLE, max_chunksize=9)


def write_saved(path: Path) -> None:
    datasets.Dataset.from_list(ROWS).save_to_disk(path, num_shards=2)


def write_pictures(path: Path) -> None:
    path.mkdir()
    Image.new("L", (4, 4)).save(path / "a.png")
    (path / "metadata.csv").write_text("file_name,caption\na.png,one\n")


#: Name -> how it is written.
WRITERS: dict[str, Callable[[Path], object]] = {
    "x.csv": lambda path: path.write_bytes(b'a,b\n1,"x"\n2,"y\n""z"\n'),
    "x.tsv": lambda path: path.write_bytes(b"a\tb\n1\tx\n"),
    "x.jsonl": lambda path: path.write_bytes(LINES),
    "x.json": lambda path: path.write_bytes(b"[" + LINES.replace(b"}\n{", b"},\n{") + b"]"),
    "x.txt": lambda path: path.write_bytes("one\ntwö\n".encode()),
    "x.parquet": lambda path: pq.write_table(TABLE, path, compression="zstd"),
    "x.feather": lambda path: feather.write_feather(TABLE, path, compression="lz4"),
    "x.arrow": write_stream,
    "x.ipc": lambda path: feather.write_feather(TABLE, path, compression="uncompressed", chunksize=5),
    "x.tar": lambda path: tar(path, {"a.txt": b"one", "a.json": b"[1]", "b.cls": b"2", "b.png": b"\x00"}),
    "x.jsonl.gz": lambda path: path.write_bytes(gzip.compress(LINES)),
    "x.csv.bz2": lambda path: path.write_bytes(bz2.compress(b"a\n1\n" * 50)),
    "x.jsonl.zst": lambda path: path.write_bytes(zstandard.compress(LINES)),
    "x.txt.lz4": lambda path: path.write_bytes(lz4.frame.compress(b"one\ntwo\n" * 50)),
    "saved": write_saved,
    "pictures": write_pictures,
}


@pytest.mark.parametrize("name", WRITERS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_files_raise_nothing_but_our_errors(name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / name
        WRITERS[name](path)
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        file = data.draw(st.sampled_from(files))
        content = bytearray(file.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
        if data.draw(st.booleans()):
            del content[data.draw(st.integers(0, len(content) - 1)) :]
        file.write_bytes(content)
        try:
            read_rows(path)
        except ModelwardError as error:
            assert error.where  # noqa: PT017


def test_huge_rows_are_refused_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("shard", "delimited"):
        monkeypatch.setattr(f"modelward.data.readers.{module}.MAX_ROW_BYTES", 1000)
    for name, content in (
        ("x.csv", b"a\n" + b"x" * 2000 + b"\n"),
        ("x.csv", b'a\n"' + b"x\n" * 2000 + b'"\n'),
        ("x.jsonl", b'{"a": "' + b"x" * 2000 + b'"}\n'),
        ("x.txt", b"x" * 2000),
        ("x.txt.gz", gzip.compress(b"x" * 2000)),
    ):
        (tmp_path / name).write_bytes(content)
        error = refusal(tmp_path / name)
        assert isinstance(error, LimitExceeded)
        assert str(error.where).startswith(f"{name}: line")


def test_a_pipe_or_missing_file_is_refused_without_waiting(tmp_path: Path) -> None:
    for name in ("x.csv", "x.parquet", "x.jsonl.gz", "x.tar"):
        os.mkfifo(tmp_path / name)
        assert "not a regular file" in refusal(tmp_path / name).message
    for name in ("missing.csv", "missing.arrow"):
        assert "cannot be read" in refusal(tmp_path / name).message


@pytest.mark.parametrize("kind", ["pipe", "socket", "loop", "outside", "dangling"])
def test_what_no_directory_of_data_holds_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "set"
    root.mkdir()
    (root / "a.csv").write_text("a\n1\n")
    (tmp_path / "secret.csv").write_text("a\n2\n")
    odd = root / "odd.csv"
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "socket":
        os.mknod(odd, 0o140600)
    else:
        odd.symlink_to({"loop": "odd.csv", "outside": "../secret.csv", "dangling": "gone.csv"}[kind])
    assert "odd.csv" in str(refusal(root).where)


def test_a_link_within_the_directory_counts_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "b.csv").symlink_to("a.csv")
    assert read_rows(tmp_path) == [{"a": "1"}, {"a": "1"}]


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    (tmp_path / "x.csv").chmod(0)
    me = os.geteuid()
    try:
        if me == 0:
            os.seteuid(65534)
        error = refusal(tmp_path / "x.csv")
    finally:
        os.seteuid(me)
    assert "x.csv" in str(error.where)
    assert "Permission denied" in error.message


@pytest.mark.parametrize(
    "name", ["x.csv", "x.jsonl", "x.json", "x.parquet", "x.arrow", "x.tar", "x.jsonl.gz"]
)
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    dataset = places.find(path)
    with pytest.raises(InputError, match="changed while it was read"):
        read_while_written(dataset, path)


def read_while_written(dataset: places.Dataset, path: Path) -> None:
    (part,) = dataset.parts
    with dataset.open(part, Silent()) as opened:
        for _ in part.read(opened, {}):
            with path.open("ab") as stream:
                stream.write(b" ")
        opened.digest()


def test_an_error_found_in_a_file_that_changes_is_the_change(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    with pytest.raises(InputError, match="changed while it was read"):
        refuse_what_is_written(path)


def refuse_what_is_written(path: Path) -> None:
    with shard.open_shard(path, "x.csv", Silent()) as opened:
        path.write_text("a\n1,2\n")
        raise opened.bad("line 2", "the row has 2 cells")


def test_what_a_directory_is_made_of_may_not_change_either(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    dataset = places.find(tmp_path)
    (tmp_path / "a.csv").write_text("a\n2\n")
    with dataset.open(dataset.parts[0], Silent()) as opened:
        digest = opened.digest()
    with pytest.raises(InputError, match="changed"):
        dataset.subject({"a.csv": digest})


def test_more_rows_than_bytes_could_hold_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table({"a": [1] * 100_000}), tmp_path / "x.parquet")
    assert len(read_digests(tmp_path / "x.parquet")) == 100_000
    monkeypatch.setattr(shard, "FREE_ROWS", 10)
    monkeypatch.setattr(shard, "ROWS_PER_BYTE", 1)
    assert isinstance(refusal(tmp_path / "x.parquet"), LimitExceeded)
