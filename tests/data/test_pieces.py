"""A dataset in pieces has the rows of the dataset in one, or there is an error."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelward.core.errors import InputError
from modelward.data import pieces, places
from modelward.data.engine import Engine, Inline, connect
from modelward.data.index import Index, Options
from modelward.data.pieces import Witness, agree, cut, hash_blocks, tags
from modelward.data.readers import streams
from modelward.data.snapshot import take

KEY = bytes(range(32))


class Several(Inline):
    """Works here, but says that it is several, so that datasets are cut."""

    workers = 4


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 1000)
    monkeypatch.setattr(pieces, "BLOCK", 256)


def both(path: Path, options: Options | None = None) -> tuple[Index, Index]:
    return take(path, "d", options, engine=Inline()), take(path, "d", options, engine=Several())


def pieces_of(path: Path) -> int:
    dataset = places.find(path)
    return sum(len(cut(dataset, part, 4)) for part in dataset.parts)


def assert_same(path: Path, options: Options | None = None) -> None:
    one, several = both(path, options)
    assert several == one
    assert several.digest == one.digest


ROWS = [
    {"id": number, "text": f"message {number} " + "x" * (number % 40), "n": number / 2}
    for number in range(400)
]


@pytest.mark.parametrize("group", [7, 60, 1000])
def test_parquet_is_cut_between_rows(tmp_path: Path, group: int) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=group, compression="none")
    assert pieces_of(path) > 2
    assert_same(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_json_lines_are_cut_after_line_ends(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes((end.join(json.dumps(row) for row in ROWS) + end * 3).encode())
    assert pieces_of(path) > 4
    assert_same(path)


def test_text_is_cut_after_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("".join(f"line {row['text']}\n\n" for row in ROWS))
    assert pieces_of(path) > 4
    assert_same(path)


def test_csv_is_cut_below_its_header(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("\ufeffid,text\r\n" + "".join(f"{row['id']},{row['text']}\r\n" for row in ROWS))
    assert pieces_of(path) > 4
    assert_same(path, Options(types={"id": "int64"}))


@pytest.mark.parametrize("seed", range(6))
def test_line_ends_in_quoted_cells_are_no_rows(tmp_path: Path, seed: int) -> None:
    """A cut inside quotes would make rows of an attacker's text: `a\\n1,b` is one cell."""
    chance = random.Random(seed)
    words = ["a,b", "line\nend", 'quo""te', "\n\n", "plain", "\n1,forged\n2,forged", ""]
    lines = [f'{number},"{"".join(chance.choices(words, k=4))}"\n' for number in range(400)]
    path = tmp_path / "x.csv"
    path.write_text("id,text\n" + "".join(lines))
    one, several = both(path)
    assert one.rows == 400
    assert several.digest == one.digest


@pytest.mark.parametrize("header", ['"id",text\n', '"i\nd",text\n', "\nid,text\n", "\n\n\nid,text\n"])
def test_headers_that_are_not_plainly_one_line(tmp_path: Path, header: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(header + "".join(f"{row['id']},{row['text']}\n" for row in ROWS))
    assert_same(path)


def test_a_byte_order_mark_within_a_file_is_no_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("".join(f"\ufeffline {row['text']}\n" for row in ROWS))
    assert_same(path)


@pytest.mark.parametrize(
    ("name", "bad", "where"),
    [
        ("x.jsonl", '{"id": 1, "text": }', "x.jsonl: line 301"),
        ("x.jsonl", '{"id": "one"}', "x.jsonl: row 301"),
        ("x.csv", "1,2,3", "x.csv: line 302, row 301"),
    ],
)
def test_errors_in_a_piece_name_the_row_of_the_whole(tmp_path: Path, name: str, bad: str, where: str) -> None:
    csv = name.endswith("csv")
    lines = [f"{row['id']},{row['text']}" if csv else json.dumps(row) for row in ROWS]
    path = tmp_path / name
    path.write_text("\n".join([*(["id,text"] if csv else []), *lines[:300], bad, *lines[300:]]) + "\n")
    found = []
    for engine in (Inline(), Several()):
        with pytest.raises(InputError) as caught:
            take(path, "d", engine=engine)
        found.append((caught.value.where, caught.value.message, caught.value.help))
    assert found[0] == found[1]
    assert found[0][0] == where


def test_pieces_that_disagree_on_a_column_are_refused_at_the_row(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    rows = [{"a": number} for number in range(300)] + [{"a": "text"} for _ in range(300)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(InputError, match="mixes kinds") as caught:
        take(path, "d", engine=Several())
    assert caught.value.where == "x.jsonl: row 301"


class Meddling(Inline):
    """Writes to a file while the pieces of it are read, and puts its times back."""

    workers = 4

    def __init__(self, path: Path, content: bytes) -> None:
        self._path, self._content = path, content

    def map(self, function: Any, items: Any) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == 2:
                self._path.write_bytes(self._content)
            yield function(item)


@pytest.mark.parametrize("unseen", [False, True])
def test_a_file_that_changes_between_its_pieces_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unseen: bool
) -> None:
    """Even if no time stamp tells, as for those who write by a mapping of the file."""
    path = tmp_path / "x.txt"
    path.write_text("".join(f"line {row['text']}\n" for row in ROWS))
    other = path.read_bytes().replace(b"message 399", b"massage 399")
    if unseen:
        monkeypatch.setattr(streams, "_state", lambda status: status.st_size)
    with pytest.raises(InputError, match="changed while"):
        take(path, "d", engine=Meddling(path, other))


def test_a_witness_reads_as_the_file_does(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(3000)
    path = tmp_path / "x"
    path.write_bytes(content)
    witness = Witness(path, KEY)
    assert witness.readall() == content
    witness.seek(-10, 2)
    assert witness.read(100) == content[-10:]
    witness.seek(700)
    assert witness.read(10) == content[700:710]
    witness.close()
    dataset = places.find(path.rename(tmp_path / "x.txt"))
    blocks = [tags(KEY)(content[at : at + 256]) for at in range(0, 3000, 256)]
    piece = pieces.Piece(dataset, dataset.parts[0], 3000, tmp_path / "x.txt", 0, 3000, KEY)
    assert hash_blocks(piece)[1] == blocks
    assert agree(witness.seen, blocks)
    assert not agree(witness.seen, blocks[:-1])
    assert not agree({**witness.seen, 3: bytes(16)}, blocks)


def test_small_and_compressed_files_are_not_cut(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    (tmp_path / "y.json").write_text(json.dumps(ROWS))
    assert pieces_of(tmp_path) == 2


@pytest.fixture(scope="module")
def pool() -> Iterator[Engine]:
    with connect("local:2") as found:
        yield found


def test_processes_give_the_bytes_that_one_gives(tmp_path: Path, pool: Engine) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    pq.write_table(pa.Table.from_pylist(ROWS), tree / "a.parquet", row_group_size=90)
    (tree / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS[::-1]))
    (tree / "c.jsonl").write_text(json.dumps({"id": 1, "extra": None}) + "\n")
    options = Options(contributor=("text",), label=("id",))
    one, two = take(tree, "d", options, engine=Inline()), take(tree, "d", options, engine=pool)
    assert one == two
    assert one.digest == two.digest
    assert one.rows == 801
