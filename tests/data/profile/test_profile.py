"""A whole profile: the same by one process and by several, from any format; errors name file and row."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from tests.data.profile.conftest import rows, sentences, write

from modelward.core.errors import InputError, UsageError
from modelward.data import pieces, places
from modelward.data.engine import connect
from modelward.data.profile.parts import Unchanged, shares
from modelward.data.profile.profile import Options, take
from modelward.data.profile.view import Plan


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    content = rows(400)
    content[300]["text"] = content[3]["text"]
    content[301]["text"] = content[4]["text"] + " again"
    content[5]["text"] = "please write to bob@acme.io about the house"
    parts = {f"train-{n}.parquet": content[n * 100 : n * 100 + 100] for n in range(4)}
    write(tmp_path / "d", parts | {"test.parquet": content[395:] + rows(30, seed=2)})
    return tmp_path / "d"


def test_two_workers_find_what_one_finds_bit_for_bit(dataset: Path) -> None:
    options = Options(Plan(attributes=("group",)))
    alone = take(dataset, "d", options)
    with connect("local:2") as engine:
        assert take(dataset, "d", options, engine=engine) == alone
    assert alone.splits == {"test": 35, "train": 400}
    assert alone.overlaps[0].rows == 5


def test_the_same_rows_in_another_format_have_the_same_profile(dataset: Path, tmp_path: Path) -> None:
    content = [row | {"age": str(row["age"])} for row in rows(50)]
    write(tmp_path, {"a.parquet": content})
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(content[0]))
        writer.writeheader()
        writer.writerows(content)
    one, other = take(tmp_path / "a.parquet", "d"), take(tmp_path / "a.csv", "d")
    assert one.columns == other.columns
    assert one.text == other.text


def test_a_profile_of_no_rows_says_so(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("a,b\n")
    found = take(tmp_path / "none.csv", "d")
    assert (found.rows, found.findings) == (0, ())
    assert "no column holds sentences" in found.not_measured[-1]


@pytest.mark.parametrize(
    "plan", [Plan(label="x"), Plan(text=("x",)), Plan(attributes=("x",))], ids=["label", "text", "attribute"]
)
def test_a_column_that_is_not_there_is_refused(dataset: Path, plan: Plan) -> None:
    with pytest.raises(UsageError, match="no column 'x'"):
        take(dataset, "d", Options(plan))


def test_what_is_named_against_must_be_there(dataset: Path) -> None:
    with pytest.raises(InputError, match="no such file, directory or split") as caught:
        take(dataset, "d", Options(against=("exam",)))
    assert "test, train" in str(caught.value.help)


def test_a_split_may_be_named(dataset: Path) -> None:
    found = take(dataset, "d", Options(against=("train",)))
    assert [one.name for one in found.overlaps] == ["d:test", "d:train"]
    assert found.overlaps[1].rows == 5


def test_types_are_for_csv_only(dataset: Path) -> None:
    with pytest.raises(UsageError, match="CSV"):
        take(dataset, "d", Options(types={"age": "double"}))


def test_bad_rows_are_named(tmp_path: Path) -> None:
    lines = [f'{{"text": "{text}"}}' for text in sentences(3, 1)]
    (tmp_path / "d.jsonl").write_text("\n".join([*lines, '{"text": "\\ud800"}']))
    with pytest.raises(InputError) as caught:
        take(tmp_path / "d.jsonl", "d")
    assert str(caught.value.where).startswith("d.jsonl")


def test_an_evaluation_set_without_rows_is_refused(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("a,b\n")
    with pytest.raises(InputError, match="no rows"):
        take(dataset, "d", Options(against=(str(tmp_path / "none.csv"),)))


def test_conversations_are_text(tmp_path: Path) -> None:
    said = sentences(40, 1)
    chats: list[Any] = [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "yes of course"}]}
        for text in said
    ]
    chats[30] = chats[2]
    write(tmp_path, {"chat.parquet": chats})
    found = take(tmp_path / "chat.parquet", "d")
    assert found.text.columns == ("messages",)
    assert found.duplicates.texts == 1


def test_one_large_file_is_shared_out_with_the_same_result(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dataset / "train-0.parquet"
    alone = take(path, "d")
    monkeypatch.setattr(pieces, "PIECE_BYTES", path.stat().st_size // 4)
    assert len(shares(places.find(path), 2)) > 1
    with connect("local:2") as engine:
        assert take(path, "d", engine=engine) == alone


def test_a_file_that_changes_while_pieces_are_read_is_refused(
    dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dataset / "train-0.parquet"
    monkeypatch.setattr(pieces, "PIECE_BYTES", path.stat().st_size // 4)
    found = places.find(path)
    watched = Unchanged(found, shares(found, 2))
    path.write_bytes(path.read_bytes())
    with pytest.raises(InputError, match="changed"):
        watched.digests()
