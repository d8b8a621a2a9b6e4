from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RAW = "text,label\nfree prize,spam\nhello,ham\nhello,ham\nsee you,ham\n"


def test_changed_row_is_named(command: Callable[..., Any], registry: None, here: Path) -> None:
    command("data", "snapshot", "raw.csv", "--name", "raw")
    (here / "raw.csv").write_text(RAW.replace("see you,ham", "see you,spam"))
    done = command("data", "verify", "raw.csv")
    assert done.code == 1
    assert "changed  raw.csv row 4: label" in done.out
    done = command("data", "verify", "raw.csv", "--json")
    assert done.code == 1
    assert json.loads(done.out)["changed"] == [
        {
            "before": {"shard": "raw.csv", "row": 4},
            "after": {"shard": "raw.csv", "row": 4},
            "columns": ["label"],
        }
    ]


def test_index_replaced_together_with_the_data_is_refused(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    command("data", "snapshot", "raw.csv", "--name", "raw")
    (here / "raw.csv").write_text(RAW.replace("spam", "ham"))
    command("data", "snapshot", "raw.csv", "--name", "raw", "--out", "statement.json")
    done = command("data", "verify", "raw.csv")
    assert done.code == 1
    assert "no signed snapshot has this index" in done.err


def test_without_a_registry_verify_says_what_it_did_not_check(command: Callable[..., Any]) -> None:
    assert command("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json").code == 0
    done = command("data", "verify", "raw.csv")
    assert done.code == 0
    assert "not checked: who made the index" in done.err


def test_another_order_is_a_difference_unless_any_will_do(command: Callable[..., Any], here: Path) -> None:
    command("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json")
    (here / "raw.csv").write_text("text,label\nsee you,ham\nfree prize,spam\nhello,ham\nhello,ham\n")
    done = command("data", "verify", "raw.csv")
    assert done.code == 1
    assert "raw.csv: the same 4 rows in ANOTHER order: 1 moved" in done.out
    assert command("data", "verify", "raw.csv", "--any-order").code == 0
    assert json.loads(command("data", "verify", "raw.csv", "--json").out)["sameSet"] is True
    (here / "raw.csv").write_text("text,label\nsee you,ham\nfree prize,spam\nhello,ham\n")
    assert command("data", "verify", "raw.csv", "--any-order").code == 1


def test_other_files_with_the_same_rows_are_no_difference(command: Callable[..., Any], here: Path) -> None:
    command("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json")
    (here / "tree").mkdir()
    lines = RAW.splitlines(keepends=True)
    (here / "tree" / "a.csv").write_text("".join(lines[:3]))
    (here / "tree" / "b.jsonl").write_text(
        '{"label": "ham", "text": "hello"}\n{"text": "see you", "label": "ham"}\n'
    )
    done = command("data", "verify", "tree", "--index", "raw.csv.index.parquet")
    assert done.code == 0
    assert "the bytes differ: the rows were written anew" in done.out
