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
