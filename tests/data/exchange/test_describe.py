from __future__ import annotations

import hashlib
from pathlib import Path

from modelward.data.exchange import describe
from modelward.data.index import Options
from modelward.data.snapshot import take


def test_a_file_is_its_own_source(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,by\nhi,u17\n")
    index = take(tmp_path / "a.csv", "sms", Options(contributor=("by",)))
    dataset = describe.of_index(index, {"a.csv": 15})
    (file,) = dataset.files
    assert (file.path, file.sha256, file.size) == ("a.csv", index.subject.value, 15)
    assert dataset.sets == ()
    assert [(field.name, field.source, field.role) for field in dataset.records[0].fields] == [
        ("by", "a.csv", "wasAttributedTo"),
        ("text", "a.csv", ""),
    ]


def test_a_directory_has_the_listing_that_its_digest_is_of(tmp_path: Path) -> None:
    listing, digest = "", hashlib.sha256(b"text\nhi\n").hexdigest()
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("text\nhi\n")
        listing += f"{digest}  {name}\n"
    dataset = describe.of_index(take(tmp_path, "sms"))
    *shards, sums = dataset.files
    assert [file.path for file in shards] == ["a.csv", "b.csv"]
    assert sums.sha256 == hashlib.sha256(listing.encode()).hexdigest()
    assert dataset.sets[0].includes == ("a.csv", "b.csv")


def test_a_shard_of_several_files_is_in_the_listing() -> None:
    dataset = describe.of_snapshot(
        name="birds",
        subject="dirHash:" + "ab" * 32,
        shards=[("metadata.csv", "dirHash:" + "cd" * 32)],
        columns=[("image", "struct<bytes: binary, path: string>")],
        rows=1,
        roots=("sha256:" + "00" * 32, "sha256:" + "11" * 32),
        sizes={},
        roles={},
    )
    assert (dataset.files[0].sha256, dataset.files[0].inside) == ("", (describe.LISTING,))
