from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from modelward.artifact.hashing import digest_of
from modelward.attest.predicates import Snapshot
from modelward.core import merkle
from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Silent
from modelward.data.index import Index, Options, default_path
from modelward.data.snapshot import take

Rows = list[dict[str, Any]]


class Meddling(Silent):
    """Someone who writes to a file while it is read."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content

    def advance(self, n: int) -> None:
        if n:
            self._path.write_bytes(self._content)


def test_predicate_fits_the_statement_form(files: Any, tmp_path: Path, rows: Rows) -> None:
    path = files.write("x.csv", rows)
    index = take(path, "sms")
    snapshot = msgspec.convert(index.predicate(), Snapshot)
    assert snapshot.rows == len(rows)
    assert [column.name for column in snapshot.columns] == ["id", "label", "text"]
    assert index.subject == digest_of(path)
    assert snapshot.shards[0].digest == str(index.subject)
    assert snapshot.index == str(index.write(tmp_path / "i.parquet"))


def test_roots_are_rfc_6962_over_rows_in_order_and_over_sorted_counts(files: Any, tmp_path: Path) -> None:
    index = take(files.write("x.jsonl", [{"a": 2}, {"a": 1}, {"a": 2}]), "d")
    digests = [index.digest_at(number).raw for number in range(index.rows)]
    assert index.rows_root.raw == merkle.root([merkle.leaf_hash(digest) for digest in digests])
    counts = sorted({digest: digests.count(digest) for digest in digests}.items())
    leaves = [merkle.leaf_hash(digest + count.to_bytes(8, "big")) for digest, count in counts]
    assert index.set_root.raw == merkle.root(leaves)


def test_order_of_rows_counts_for_the_ordered_root_only(files: Any, tmp_path: Path, rows: Rows) -> None:
    forward = take(files.write("a.csv", rows), "d")
    backward = take(files.write("b.csv", rows[::-1]), "d")
    assert forward.rows_root != backward.rows_root
    assert forward.set_root == backward.set_root


def test_a_row_twice_is_another_set(files: Any, tmp_path: Path, rows: Rows) -> None:
    once = take(files.write("a.csv", rows), "d")
    twice = take(files.write("b.csv", [*rows, rows[0]]), "d")
    assert once.set_root != twice.set_root


def test_cutting_a_dataset_into_shards_keeps_its_roots(files: Any, tmp_path: Path, rows: Rows) -> None:
    whole = take(files.write("whole.csv", rows), "d")
    tree = tmp_path / "tree"
    (tree / "b").mkdir(parents=True)
    files.write("tree/B.parquet", rows[:5])
    files.write("tree/a.jsonl", rows[5:7])
    files.write("tree/b/c.csv", rows[7:])
    (tree / "README.md").write_text("about")
    index = take(tree, "d")
    assert [shard.path for shard in index.shards] == ["B.parquet", "a.jsonl", "b/c.csv"]  # C-locale order
    assert (index.rows_root, index.set_root) == (whole.rows_root, whole.set_root)
    assert index.unread_files == 1
    assert index.subject == digest_of(tree)
    assert index.subject.algorithm == "dirHash"
    assert str(index.place(6)) == "a.jsonl row 2"


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    files: Any, tmp_path: Path, rows: Rows, suffix: str
) -> None:
    path = files.write(f"x.{suffix}", rows)
    other = files.write(f"y.{suffix}", [*rows[:-1], {"id": "11", "text": "Message 11", "label": "ham"}])
    with pytest.raises(InputError, match="changed while"):
        take(path, "d", progress=Meddling(path, other.read_bytes()))


def test_a_shard_that_changes_after_the_tree_was_hashed_is_refused(
    files: Any, tmp_path: Path, rows: Rows
) -> None:
    files.write("a.csv", rows)
    second = files.write("b.csv", rows)
    other = second.read_bytes().replace(b"message 3", b"massage 3")
    with pytest.raises(InputError, match="changed while") as caught:
        take(tmp_path, "d", progress=Meddling(second, other))
    assert caught.value.where == "b.csv"


def test_shards_that_disagree_on_a_column_are_refused(files: Any, tmp_path: Path) -> None:
    files.write("a.jsonl", [{"a": 1}])
    files.write("b.jsonl", [{"a": "1"}])
    with pytest.raises(InputError, match="mixes kinds") as caught:
        take(tmp_path, "d")
    assert caught.value.where == "b.jsonl: row 1"
    (tmp_path / "b.jsonl").unlink()
    files.write("b.parquet", [{"a": "1"}])
    with pytest.raises(InputError, match=r"string here and int64 in a\.jsonl"):
        take(tmp_path, "d")


def test_integers_and_floats_are_one_kind(files: Any, tmp_path: Path) -> None:
    index = take(files.write("a.jsonl", [{"a": 1}, {"a": 1.5}, {"a": None}]), "d")
    assert index.columns[0].type == "double | int64"


def test_an_empty_dataset_has_the_empty_root(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n")
    index = take(tmp_path / "x.csv", "d")
    assert index.rows == 0
    assert index.rows_root.raw == index.set_root.raw == hashlib.sha256(b"").digest()
    assert [column.name for column in index.columns] == ["a", "b"]
    assert index.write(tmp_path / "x.index.parquet") == index.digest


def test_blank_lines_and_a_byte_order_mark_are_no_rows(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xef\xbb\xbfa,b\r\n\r\n1,2\r\n\r\n")
    (tmp_path / "x.jsonl").write_bytes(b'\xef\xbb\xbf{"a": "1", "b": "2"}\r\n\r\n')
    assert take(tmp_path / "x.csv", "d").rows_root == take(tmp_path / "x.jsonl", "d").rows_root


def test_labels_of_rows_are_in_the_index(files: Any, tmp_path: Path) -> None:
    rows = [{"text": "x", "user": "ann", "at": 5}, {"text": "y", "user": None, "at": None}]
    path = files.write("x.jsonl", rows)
    index = take(path, "d", Options(contributor=("user",), time=("at",)))
    (batch,) = index.batches(["contributor:user", "time:at"])
    assert batch.to_pydict() == {"contributor:user": ["ann", None], "time:at": ["5", None]}
    assert index.rows_root == take(path, "d").rows_root


def test_options_that_fit_no_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    for name, options in (
        ("x.csv", Options(types={"b": "int64"})),
        ("x.csv", Options(types={"a": "int128"})),
        ("x.csv", Options(contributor=("user",))),
        ("x.jsonl", Options(types={"a": "int64"})),
    ):
        with pytest.raises(UsageError):
            take(tmp_path / name, "d", options)


def test_an_index_among_the_data_is_not_taken_for_data(files: Any, tmp_path: Path, rows: Rows) -> None:
    path = files.write("x.csv", rows)
    take(path, "d").write(default_path(path))
    with pytest.raises(InputError, match="index, not data"):
        take(tmp_path, "d")


def test_many_batches_give_the_same_roots(
    files: Any, tmp_path: Path, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [files.write(name, rows) for name in ("x.csv", "x.jsonl")]
    paths.append(files.write("x.parquet", rows, row_group_size=5))
    whole: Index = take(paths[0], "d")
    for module in ("delimited", "jsonl", "parquet"):
        monkeypatch.setattr(f"modelward.data.readers.{module}.BATCH_ROWS", 5)
    for path in paths:
        assert take(path, "d").rows_root == whole.rows_root


def test_the_subject_is_what_sha256sum_says(files: Any, tmp_path: Path, rows: Rows) -> None:
    path = files.write("x.csv", rows)
    said = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout.split()[0]
    assert take(path, "d").subject.value == said
