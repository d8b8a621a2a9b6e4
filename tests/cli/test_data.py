from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelward.attest.predicates import Custody, Snapshot
from modelward.attest.statement import Statement

RAW = "text,label\nfree prize,spam\nhello,ham\nhello,ham\nsee you,ham\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw.csv").write_text(RAW)
    (tmp_path / "clean.csv").write_text("label,text\nspam,free prize\nham,hello\nham,see you\n")
    return tmp_path


@pytest.fixture
def registry(command: Callable[..., Any]) -> None:
    assert command("init", "acme", "--as", "dora", "--no-passphrase").code == 0


def statements(path: Path) -> list[Statement]:
    return [Statement.from_bytes(line) for line in path.read_bytes().splitlines()]


def test_snapshot_is_signed_and_verifies(command: Callable[..., Any], registry: None) -> None:
    done = command("data", "snapshot", "raw.csv", "--name", "raw")
    assert done.code == 0, done.err
    assert "4 in 1 shard" in done.out
    assert "log entry" in done.out
    done = command("data", "verify", "raw.csv")
    assert done.code == 0
    assert "the same 4 rows in the same order\nindex of the snapshot signed by dora" in done.out


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


def test_unsigned_statements_are_written_where_asked(command: Callable[..., Any], here: Path) -> None:
    assert command("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json").code == 0
    (statement,) = statements(here / "s.json")
    assert statement.typed(Snapshot).rows == 4
    done = command(
        *("data", "custody", "--operation", "dedupe", "--in", "raw.csv", "--out", "clean.csv"),
        *("--name", "clean", "--statement", "c.json", "--tool", "raw.csv", "--parameter", "a=b=c"),
    )
    assert done.code == 0, done.err
    snapshot, custody = statements(here / "c.json")
    assert snapshot.subject == custody.subject
    claim = custody.typed(Custody)
    assert (claim.claim, claim.rows.dropped, claim.parameters) == ("checked", 1, {"a=b": "c"})
    assert (here / "clean.csv.index.parquet").exists()


def test_nothing_is_left_behind_when_the_registry_refuses(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    assert command("key", "new", "mallory", "--no-passphrase").code == 0
    mallory = next(path for path in (here.parent).rglob("mallory.pem"))
    done = command("data", "snapshot", "raw.csv", "--name", "raw", "--key", f"file:{mallory}")
    assert done.code != 0
    assert not list(here.glob("*.index.parquet"))


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["snapshot", "raw.csv", "--name", "a b", "--out", "s.json"],
        ["snapshot", "raw.csv", "--name", "raw"],  # no registry, no --out
        ["snapshot", "raw.csv", "--name", "raw", "--out", "s.json", "--type", "label"],
        ["snapshot", "raw.csv", "--name", "raw", "--out", "."],
        ["snapshot", "missing.csv", "--name", "raw", "--out", "s.json"],
        ["snapshot", ".", "--name", "raw", "--out", "s.json", "--index", "x.index.parquet"],
        ["verify", "raw.csv"],
        [
            "custody",
            "--operation",
            "split",
            "--in",
            "raw.csv",
            "--out",
            "a.csv",
            "--name",
            "a",
            "--name",
            "b",
        ],
        [
            *("custody", "--operation", "split", "--in", "raw.csv", "--out", "a.csv", "--out", "b.csv"),
            *("--name", "both", "--statement", "s.json"),
        ],
        ["custody", "--operation", "collect", "--out", "raw.csv", "--name", "a", "--channel", "crawl"],
    ],
)
def test_what_cannot_be_done_is_said(command: Callable[..., Any], arguments: list[str], here: Path) -> None:
    before = sorted(here.iterdir())
    done = command("data", *arguments)
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert "help: " in done.err or "cannot be" in done.err
    assert sorted(here.iterdir()) == before
