from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.readers import shard


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b'{"a": 1}\n{"a": 1,}\n', "line 2", "not valid JSON"),
        (b'{"a": 1, "a": 2}\n', "line 1", "key 'a' is there twice"),
        (b'{"a": {"b": 1, "b": 2}}\n', "line 1", "key 'b' is there twice"),
        (b'{"a": 1}\n\n{"a": "x"}\n', "row 2", "mixes kinds"),
        (b'{"a": true}\n{"a": 1}\n', "row 2", "mixes kinds"),
        (b'{"a": [1, "x"]}\n', "row 1", "mixes kinds"),
        (b'{"a": {"b": 1}}\n{"a": {"b": [1]}}\n', "row 2", "mixes kinds"),
        (b'{"a": NaN}\n', "line 1", "NaN"),
        (b'{"a": 1e999}\n', "line 1", "out of range"),
        (b'{"a": "\\ud800"}\n', "row 1", "surrogate"),
        (b'{"\\ud800": 1}\n', "", "not Unicode"),
        (b"[1, 2]\n", "line 1", "not an object"),
        (b'{"a": "\xff"}\n', "line 1", "not UTF-8"),
        (b'{"a": ' + b"[" * 70 + b"]" * 70 + b"}\n", "row 1", "nests deeper"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1", "too deep"),
        (b'{"a": ' + b"9" * 10_000 + b"}\n", "line 1", "not valid JSON"),
        (b'{"' + b"a" * 2000 + b'": 1}\n', "", "too long"),
    ],
)
def test_bad_jsonl_is_refused_at_its_line(
    refused: Callable[..., InputError], content: bytes, place: str, message: str
) -> None:
    error = refused("x.jsonl", content)
    assert place in str(error.where)
    assert message in error.message


def test_mixed_kinds_are_noticed_across_batches(refused: Callable[..., InputError]) -> None:
    lines = [b'{"a": 1}\n'] * (shard.BATCH_ROWS + 5) + [b'{"a": "x"}\n']
    error = refused("x.jsonl", b"".join(lines))
    assert f"row {shard.BATCH_ROWS + 6}" in str(error.where)


def test_too_many_columns_are_refused(
    refused: Callable[..., InputError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("modelward.data.shape.MAX_FIELDS", 50)
    each_another = b"".join(json.dumps({f"c{number}": 1}).encode() + b"\n" for number in range(60))
    assert isinstance(refused("x.jsonl", each_another), LimitExceeded)
