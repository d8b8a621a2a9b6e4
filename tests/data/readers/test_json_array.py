from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from tests.data.readers.reading import ROWS, read_digests, read_rows, refusal

from modelward.core.errors import LimitExceeded
from modelward.data.readers import json_array


def test_an_array_is_read_whatever_its_spaces(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    texts = [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=4),
        "\ufeff \n" + json.dumps(ROWS).replace(",", " , ") + "\n",
    ]
    digests = []
    for text in texts[:2]:
        path.write_text(text, encoding="utf-8")
        digests.append(read_digests(path))
    path.write_text("\ufeff \n[" + " ,\n ".join(map(json.dumps, ROWS)) + "\n]\n", encoding="utf-8")
    digests.append(read_digests(path))
    pd.DataFrame(ROWS).to_json(path, orient="records")
    digests.append(read_digests(path))
    assert len(digests[0]) == len(ROWS)
    assert all(found == digests[0] for found in digests)
    path.write_text("[]")
    assert read_rows(path) == []


def test_rows_cross_the_pieces_in_which_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_array, "_PIECE", 7)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(ROWS, ensure_ascii=False), encoding="utf-8")
    assert len(read_rows(path)) == len(ROWS)
    assert read_rows(path)[3]["text"] == ROWS[3]["text"]


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"", "row 1", "empty"),
        (b'{"a": [1, 2]}', "start", "one object, not an array"),
        (b'"a"', "start", "not a JSON array"),
        (b"[1]", "row 1", "not an object"),
        (b'[{"a": 1}, [2]]', "row 2", "not an object"),
        (b'[{"a": 1},]', "row 2", "comma before the end"),
        (b'[{"a": 1} {"a": 2}]', "row 2", "where a comma"),
        (b'[{"a": 1}', "row 2", "cut off"),
        (b'[{"a": 1},', "row 2", "cut off"),
        (b'[{"a": 1}, {"a"', "row 2", "not valid JSON"),
        (b'[{"a": 1}] x', "row 2", "after the array"),
        (b'[{"a": 1}]\n[{"a": 2}]', "row 2", "after the array"),
        (b'[{"a": 1, "a": 2}]', "row 1", "'a' is there twice"),
        (b'[{"a": {"b": 1, "b": 2}}]', "row 1", "'b' is there twice"),
        (b'[{"a": 1}, {"a": NaN}]', "row 2", "NaN"),
        (b'[{"a": 1e999}]', "row 1", "out of range"),
        (b'[{"a": "\xff"}]', "row 1", "not UTF-8"),
        (b'[{"a": "\xc3', "row 1", "not UTF-8"),
        (b'[{"a": ' + b"[" * 100_000, "row 1", "too deep"),
        (b'[{"a": ' + b"9" * 10_000 + b"}]", "row 1", "not valid JSON"),
    ],
)
def test_bad_json_is_refused_at_its_row(tmp_path: Path, content: bytes, place: str, message: str) -> None:
    (tmp_path / "x.json").write_bytes(content)
    error = refusal(tmp_path / "x.json")
    assert place in str(error.where)
    assert message in error.message


def test_a_huge_row_is_refused_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelward.data.readers.shard.MAX_ROW_BYTES", 1000)
    monkeypatch.setattr(json_array, "_PIECE", 100)
    for row in (b'{"a": "' + b"x" * 5000 + b'"}', b'{"a": "' + b"x" * 5000):
        (tmp_path / "x.json").write_bytes(b'[{"a": "x"}, ' + row + b"]")
        error = refusal(tmp_path / "x.json")
        assert isinstance(error, LimitExceeded)
        assert error.where == "x.json: row 2"
