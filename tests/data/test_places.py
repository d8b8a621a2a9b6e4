"""Against a real S3 server; Google's and Azure's stores as far as addresses and errors."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image
from tests.data.readers.reading import ROWS, read_digests, tar

from modelward.artifact.blobs_remote import RemoteBlobs
from modelward.artifact.hashing import hash_tree
from modelward.core.digest import Digest
from modelward.core.errors import InputError, ModelwardError
from modelward.core.progress import Silent
from modelward.data import places

if TYPE_CHECKING:
    from tests.conftest import S3Server

_PREFIXES = itertools.count()


@pytest.fixture
def prefix(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://data/set{next(_PREFIXES)}"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    (root / "in").mkdir(parents=True)
    frame = pd.DataFrame([{"id": row["id"], "text": row["text"]} for row in ROWS])
    frame.to_parquet(root / "a.parquet")
    frame.to_json(root / "in" / "b.jsonl.gz", orient="records", lines=True)
    frame.to_feather(root / "in" / "c.feather")
    (root / "README.md").write_text("about")
    return root


def put(prefix: str, key: str, data: bytes) -> None:
    RemoteBlobs(prefix, {}).write(key, [data], len(data))


def upload(prefix: str, tree: Path) -> None:
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            put(prefix, path.relative_to(tree).as_posix(), path.read_bytes())


def subject(place: str | Path) -> str:
    dataset = places.find(place)
    digests = {}
    for part in dataset.parts:
        with dataset.open(part, Silent()) as shard:
            for _ in part.read(shard, {}):
                pass
            digests[part.name] = shard.digest()
    return str(dataset.subject(digests))


def test_a_prefix_has_the_digests_of_the_directory(prefix: str, tree: Path) -> None:
    upload(prefix, tree)
    dataset, local = places.find(prefix), places.find(tree)
    assert [part.name for part in dataset.parts] == [part.name for part in local.parts]
    assert (dataset.unread, dataset.size, dataset.path) == (1, local.size, None)
    assert read_digests(prefix) == read_digests(tree)
    assert len(read_digests(f"{prefix}/")) == 3 * len(ROWS)
    assert subject(prefix) == subject(tree) == str(hash_tree(tree).digest)


@pytest.mark.parametrize("name", ["a.parquet", "in/b.jsonl.gz", "in/c.feather"])
def test_an_object_has_the_digests_of_the_file(prefix: str, tree: Path, name: str) -> None:
    upload(prefix, tree)
    assert read_digests(f"{prefix}/{name}") == read_digests(tree / name)
    assert subject(f"{prefix}/{name}") == subject(tree / name)
    assert places.find(f"{prefix}/{name}").name == Path(name).name


def test_pictures_and_archives_in_a_store(prefix: str, tmp_path: Path) -> None:
    root = tmp_path / "set"
    root.mkdir()
    Image.new("L", (4, 4)).save(root / "a.png")
    (root / "metadata.csv").write_text("file_name,caption\na.png,one\n")
    tar(root / "w.tar", {"a.txt": b"one", "b.txt": b"two"})
    upload(prefix, root)
    assert read_digests(prefix) == read_digests(root)
    assert subject(prefix) == subject(root)


def test_a_dataset_can_be_opened_in_another_process(prefix: str, tree: Path) -> None:
    upload(prefix, tree)
    for place in (prefix, tree):
        assert read_digests(pickle.loads(pickle.dumps(places.find(place)))) == read_digests(tree)


def test_an_object_that_is_replaced_meanwhile_is_refused(prefix: str, tree: Path) -> None:
    upload(prefix, tree)
    for name in ("a.parquet", "in/b.jsonl.gz"):
        dataset = places.find(f"{prefix}/{name}")
        store = RemoteBlobs(prefix, {}).store
        obstore.put(store, name, (tree / name).read_bytes() + b" ")
        with pytest.raises(InputError, match="changed") as caught:
            read_digests(dataset)
        assert name.rpartition("/")[2] in str(caught.value.where)


def test_what_is_not_there_is_said(prefix: str) -> None:
    with pytest.raises(InputError, match="no such object"):
        places.find(f"{prefix}/nothing.csv")
    put(prefix, "x.bin", b"x")
    for url in (prefix, f"{prefix}/x.bin"):
        with pytest.raises(InputError, match="not a dataset"):
            places.find(url)


def test_bad_rows_in_a_store_are_named(prefix: str) -> None:
    put(prefix, "in/x.csv", b"a\n1\n1,2\n")
    with pytest.raises(InputError) as caught:
        read_digests(prefix)
    assert caught.value.where == "in/x.csv: line 3, row 2"


def test_keys_that_no_directory_can_hold_are_refused(prefix: str) -> None:
    put(prefix, "a.csv", b"a\n1\n")
    put(prefix, "A.csv", b"a\n1\n")
    with pytest.raises(InputError, match="one name"):
        places.find(prefix)


@pytest.mark.parametrize("url", ["gs://bucket/x.csv", "az://container/x.csv", "s3://bucket/x.csv"])
def test_a_store_that_does_not_answer_is_an_error_of_ours(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setattr("modelward.artifact.blobs_remote._RETRY", {"max_retries": 0})
    monkeypatch.setattr("modelward.artifact.blobs_remote._CLIENT", {"connect_timeout": "1s", "timeout": "2s"})
    with pytest.raises(ModelwardError) as caught:
        places.find(url)
    assert caught.value.where


def test_a_directory_and_a_file_know_their_name(tmp_path: Path) -> None:
    pa.parquet.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    for place in (tmp_path, tmp_path / "x.parquet"):
        dataset = places.find(place)
        assert (dataset.name, dataset.path) == (place.name, place)
        assert dataset.path_of(dataset.parts[0]) == tmp_path / "x.parquet"


def test_a_look_at_a_directory_hashes_nothing(tree: Path) -> None:
    found = places.peek(tree)
    assert found.parts == places.find(tree).parts
    assert read_digests(found) == read_digests(tree)
    assert found.known(found.parts[0]) is None
    with pytest.raises(InputError, match="not hashed"):
        found.subject({part.name: Digest.sha256(b"") for part in found.parts})
