from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_custody_is_signed_with_a_snapshot_of_each_output(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    done = command(
        *("data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "raw"),
        *(
            "--source",
            "https://example.org/raw",
            "--licence",
            "CC0-1.0",
            "--fetched-at",
            "2026-11-22T09:14:00Z",
        ),
    )
    assert done.code == 0, done.err
    assert "collect, declared" in done.out
    assert "not checked: rows cannot bear out a collect" in done.err
    (here / "a.csv").write_text("label,text\nspam,free prize\n")
    (here / "b.csv").write_text("label,text\nham,hello\nham,see you\n")
    done = command(
        *("data", "custody", "--operation", "split", "--in", "clean.csv", "--out", "a.csv", "--out", "b.csv"),
        *("--name", "train", "--name", "test", "--json"),
    )
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert len(answer["statements"]) == 4
    assert [claim["rows"]["output"] for claim in answer["claims"]] == [1, 2]
    assert command("data", "verify", "b.csv").code == 0


def test_poisoned_filter_is_refused_with_its_row(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    (here / "clean.csv").write_text("label,text\nham,\x1b[31mfree prize\n")
    done = command(
        *("data", "custody", "--operation", "filter", "--in", "raw.csv", "--out", "clean.csv", "--name", "c")
    )
    assert done.code == 1
    assert "1 row of clean.csv is not in raw.csv" in done.err
    assert "clean.csv row 1" in done.err
    assert "\x1b" not in done.err
    assert not list(here.glob("*.index.parquet"))
