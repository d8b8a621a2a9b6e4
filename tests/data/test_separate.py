"""Taking rows out of data: in every format the rest, and what was taken, are together what was there."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import feather

from modelward.core.errors import InputError, UsageError
from modelward.data import places
from modelward.data.custody import check
from modelward.data.separate import separate
from modelward.data.snapshot import take

TEXTS = [
    "free prize",
    'he said "no"',
    "two\nlines",
    "",
    "comma, here",
    "ümlaut\u2028",
    "hello",
    "hello",
    "end",
]
ROWS = [{"text": text, "label": number % 3, "score": number / 3} for number, text in enumerate(TEXTS)]


def csv(path: Path) -> None:
    pandas.DataFrame(ROWS).to_csv(path, index=False, lineterminator="\r\n", compression=None)


def tsv(path: Path) -> None:
    polars.DataFrame(ROWS).write_csv(path, separator="\t")


def jsonl(path: Path) -> None:
    path.write_text("\n\n".join(json.dumps(row) for row in ROWS))  # blank lines, and no end


def array(path: Path) -> None:
    pandas.DataFrame(ROWS).to_json(path, orient="records", indent=2)


def parquet(path: Path) -> None:
    polars.DataFrame(ROWS).write_parquet(path, row_group_size=2, compression="zstd")


def lines(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(text.replace("\n", " ").encode() for text in TEXTS))


def stream(path: Path) -> None:
    table = pa.Table.from_pylist(ROWS)
    with pa.ipc.new_stream(path, table.schema) as sink:
        sink.write_table(table, max_chunksize=4)


def packed(write: Callable[[Path], None], pack: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def made(path: Path) -> None:
        write(path)
        path.write_bytes(pack(path.read_bytes()))

    return made


FORMATS: dict[str, Callable[[Path], Any]] = {
    "rows.csv": csv,
    "rows.tsv": tsv,
    "rows.jsonl": jsonl,
    "rows.json": array,
    "rows.parquet": parquet,
    "rows.txt": lines,
    "rows.arrow": stream,
    "rows.feather": lambda path: feather.write_feather(pa.Table.from_pylist(ROWS), path),
    "rows.csv.gz": packed(csv, gzip.compress),
    "rows.jsonl.xz": packed(jsonl, lzma.compress),
    "rows.jsonl.zst": packed(jsonl, lambda data: pa.Codec("zstd").compress(data, asbytes=True)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_rest_and_what_was_taken_are_what_was_there(tmp_path: Path, name: str) -> None:
    FORMATS[name](tmp_path / name)
    ends = name.removeprefix("rows")
    kept, taken = tmp_path / f"clean{ends}", tmp_path / f"out{ends}"
    before = take(tmp_path / name, "rows")
    done = separate(places.find(tmp_path / name), [1, 2, 7], kept, taken)
    assert (done.kept_rows, done.taken_rows) == (6, 3)
    after, out = take(kept, "clean"), take(taken, "out")
    assert [after.digest_at(row) for row in range(6)] == [before.digest_at(row) for row in (0, 3, 4, 5, 6, 8)]
    assert [out.digest_at(row) for row in range(3)] == [before.digest_at(row) for row in (1, 2, 7)]
    (claim,) = check("filter", [before], [after], out)
    assert claim.predicate["claim"] == "checked"


@settings(max_examples=30, deadline=None)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), min_size=1, max_size=8),
    data=st.data(),
)
def test_whatever_the_cells_hold(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("rows")
    rows = data.draw(st.lists(st.sampled_from(range(len(texts))), unique=True)).copy()
    pandas.DataFrame({"a": texts, "b": "x"}).to_csv(place / "rows.csv", index=False)
    (place / "rows.jsonl").write_text("".join(json.dumps({"a": text}) + "\n" for text in texts))
    for name in ("rows.csv", "rows.jsonl"):
        before = take(place / name, "rows")
        kept, taken = place / f"kept-{name}", place / f"taken-{name}"
        separate(places.find(place / name), sorted(rows), kept, taken)
        for path, numbers in (
            (kept, [row for row in range(len(texts)) if row not in rows]),
            (taken, sorted(rows)),
        ):
            found = take(path, "rows") if path.exists() else None
            assert (found.rows if found else 0) == len(numbers)
            assert not found or [found.digest_at(at) for at in range(found.rows)] == [
                before.digest_at(row) for row in numbers
            ]


def test_a_saved_dataset_stays_one(tmp_path: Path) -> None:
    datasets.Dataset.from_list(ROWS).save_to_disk(tmp_path / "saved")
    (tmp_path / "saved" / "README.md").write_text("about")
    separate(places.find(tmp_path / "saved"), [0], tmp_path / "clean", tmp_path / "out")
    assert datasets.load_from_disk(tmp_path / "clean")["text"][:] == TEXTS[1:]
    assert (tmp_path / "clean" / "README.md").read_text() == "about"
    assert take(tmp_path / "out", "out").rows == 1


def test_rows_are_counted_over_all_files_of_a_directory(tmp_path: Path) -> None:
    place = tmp_path / "rows"
    place.mkdir()
    (place / "a.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
    (place / "b.jsonl").write_text('{"a": 3}\n{"a": 4}\n')
    separate(places.find(place), np.array([2]), tmp_path / "clean", tmp_path / "out")
    assert (tmp_path / "clean" / "b.jsonl").read_text() == '{"a": 4}\n'
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.jsonl"]


def test_what_cannot_be_cut_or_would_change_its_format_is_refused(tmp_path: Path) -> None:
    csv(tmp_path / "rows.csv")
    with pytest.raises(UsageError, match=r"the format stays what it is: \.csv"):
        separate(places.find(tmp_path / "rows.csv"), [0], tmp_path / "clean.jsonl", tmp_path / "out.csv")
    with pytest.raises(InputError, match="not all that were named"):
        separate(places.find(tmp_path / "rows.csv"), [99], tmp_path / "clean.csv", tmp_path / "out.csv")
    with pytest.raises(InputError, match="cannot be written"):
        separate(places.find(tmp_path / "rows.csv"), [0], tmp_path / "clean.csv", tmp_path / "other.csv")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(InputError, match="cannot be taken out one by one"):
        separate(places.find(tmp_path / "pictures"), [0], tmp_path / "clean", tmp_path / "out")
