from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.errors import UsageError
from modelward.data import address


def test_addresses_are_told_from_paths(tmp_path: Path) -> None:
    assert all(address.is_remote(place) for place in ("s3://b/k", "gs://b", "az://c/k/"))
    assert not any(address.is_remote(place) for place in ("s3:/b", "x.csv", "https://a/b.csv", tmp_path))


@pytest.mark.parametrize(
    ("text", "bucket", "key", "folder", "name"),
    [
        ("s3://b/in/x.csv", "s3://b", "in/x.csv", False, "x.csv"),
        ("s3://b/in/", "s3://b", "in", True, "in"),
        ("gs://b", "gs://b", "", True, "b"),
        ("az://b//in", "az://b", "in", False, "in"),
    ],
)
def test_an_address_is_a_bucket_and_a_key(text: str, bucket: str, key: str, folder: bool, name: str) -> None:
    found = address.parse(text)
    assert (found.bucket, found.key, found.folder, found.name) == (bucket, key, folder, name)
    assert address.name_of(text) == name


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(UsageError, match="not the address"):
        address.parse("s3:///x")


def test_what_is_about_a_dataset_lies_beside_it(tmp_path: Path) -> None:
    assert address.beside(tmp_path / "x.csv", ".index.parquet") == tmp_path / "x.csv.index.parquet"
    assert address.beside("s3://b/in/x.csv", ".index.parquet") == Path("x.csv.index.parquet")
    assert address.beside(".", ".y").name == f"{Path.cwd().name}.y"
