from __future__ import annotations

import pytest

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data.readers.layout import Part, plan, single


def parts(*names: str) -> tuple[Part, ...]:
    return plan(dict.fromkeys(names, 10), lambda name: b"{}", "here")


def shards(*names: str) -> list[str]:
    return [part.name for part in parts(*names)]


def test_prose_is_data_only_where_nothing_else_is() -> None:
    assert shards("a.txt", "sub/b.md", "README.md", "LICENSE.txt") == ["a.txt", "sub/b.md"]
    assert shards("a.txt", "b.csv") == ["b.csv"]
    assert shards("a.txt", "cat/b.png") == ["cat"]


def test_media_are_data_only_where_no_rows_are() -> None:
    assert shards("a.parquet", "assets/logo.png") == ["a.parquet"]
    assert shards("assets/logo.png") == ["assets"]
    assert shards("metadata.csv", "logo.txt") == ["metadata.csv"]


def test_a_table_owns_the_files_nearest_to_it() -> None:
    inner, outer = parts("metadata.csv", "a.png", "in/metadata.jsonl", "in/deep/b.png", "in/c.txt")
    assert outer.files == ("metadata.csv", "a.png")
    assert inner.files == ("in/metadata.jsonl", "in/deep/b.png")
    assert (outer.delimited, inner.delimited, outer.size, outer.single) == (True, False, 20, False)


def test_files_about_data_are_none() -> None:
    assert shards("a.json", "config.json", "dataset_infos.json", "croissant.json", "Readme.md") == ["a.json"]


def test_a_directory_without_rows_is_refused() -> None:
    for names in (("README.md",), ("x.bin",), ("config.json", "x.parquet.gz")):
        with pytest.raises(InputError, match="not a dataset"):
            parts(*names)


def test_shards_are_in_order_of_their_names() -> None:
    assert shards("b.csv", "B.jsonl", "a/z.parquet", "a.json") == [
        "B.jsonl",
        "a.json",
        "a/z.parquet",
        "b.csv",
    ]


def test_how_a_part_can_be_cut() -> None:
    cuts = {part.name: part.cut for part in parts("a.csv", "b.jsonl", "c.parquet", "d.csv.gz", "e.json")}
    assert cuts == {"a.csv": "header", "b.jsonl": "lines", "c.parquet": "rows", "d.csv.gz": "", "e.json": ""}
    assert single("d.csv.gz", 1).delimited


def test_the_digest_of_a_part_is_that_of_its_files() -> None:
    digests = {
        name: Digest.sha256(name.encode()) for name in ("a.csv", "in/a.png", "in/b.png", "in/metadata.csv")
    }
    (part,) = parts("a.csv")
    assert part.digest_in(digests) == digests["a.csv"]
    (part,) = parts("in/a.png", "in/b.png", "in/metadata.csv")
    assert part.digest_in(digests).algorithm == "dirHash"  # type: ignore[union-attr]
    assert part.digest_in({"in/a.png": digests["in/a.png"]}) is None
