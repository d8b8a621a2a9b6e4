from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

DELETE = ("data", "custody", "--operation", "delete", "--in", "raw.csv", "--out", "out.csv", "--name", "out")


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


def test_the_answer_says_what_is_attested_checked_and_declared(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    collect = ("data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "raw")
    assert command(*collect, "--source", "https://example.org/raw").code == 0
    (here / "clean.csv").write_text("label,text\nham,hello\nham,hello\nham,see you\n")
    (here / "dropped.csv").write_text("label,text,why\nspam,free prize,advert\n")
    done = command(
        *("data", "custody", "--operation", "filter", "--in", "raw.csv", "--out", "clean.csv"),
        *("--dropped", "dropped.csv", "--reason-column", "why", "--name", "clean", "--licence", "MIT"),
    )
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("custody of clean.csv (sha256:")
    assert lines[1:6] == [
        "  filter, checked",
        "  rows  4 in, 3 out, 1 dropped",
        "    1 advert",
        "  input raw.csv  4 rows  attested: snapshot by dora",
        "  declared: licence",
    ]
    assert done.err == ""
    (here / "lower.csv").write_text("label,text\nHAM,hello\nHAM,hello\nHAM,see you\n")
    done = command(
        *("data", "custody", "--operation", "map", "--in", "clean.csv.index.parquet", "--out", "lower.csv"),
        *("--name", "lower", "--in-order"),
    )
    assert done.code == 0, done.err
    assert "  map, mapped" in done.out
    assert "attested: snapshot by dora" in done.out
    assert "not checked: what became of each row" in done.err
    assert (here / "lower.csv.mapping.parquet").is_file()


def test_an_input_that_was_changed_since_it_was_signed_is_refused_with_its_row(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    assert command("data", "snapshot", "raw.csv", "--name", "raw").code == 0
    raw = (here / "raw.csv").read_text()
    (here / "raw.csv").write_text(raw.replace("see you,ham", "see you,spam"))
    step = (
        "data",
        "custody",
        "--operation",
        "filter",
        "--in",
        "raw.csv",
        "--out",
        "clean.csv",
        "--name",
        "c",
    )
    done = command(*step)
    assert done.code == 1
    assert "raw.csv is not what dora recorded" in done.err
    assert "row raw.csv row 4 changed" in done.err
    (here / "raw.csv.index.parquet").unlink()
    (here / "clean.csv").write_text("label,text\nspam,see you\n")
    done = command(*step)
    assert done.code == 0, done.err
    assert "observed: no signed snapshot" in done.out


def test_an_index_that_nobody_signed_is_no_input(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    unsigned = ("data", "snapshot", "raw.csv", "--name", "raw", "--out", "statement.jsonl")
    assert command(*unsigned).code == 0
    done = command(
        *("data", "custody", "--operation", "filter", "--in", "raw.csv.index.parquet", "--out", "clean.csv"),
        *("--name", "clean"),
    )
    assert done.code == 1
    assert "nobody signed a snapshot with these roots" in done.err


def test_a_step_that_does_not_hold_leaves_no_mapping(command: Callable[..., Any], here: Path) -> None:
    (here / "out.csv").write_text("text\na\n")
    done = command(
        *("data", "custody", "--operation", "map", "--in", "raw.csv", "--out", "out.csv", "--name", "out"),
        *("--in-order", "--statement", "s.jsonl"),
    )
    assert done.code == 2
    assert "4 rows became 1" in done.err
    assert not list(here.glob("*mapping*"))
    assert not list(here.glob(".*mapping*"))
    assert not (here / "s.jsonl").exists()


def test_rows_are_deleted_by_person_and_by_digest(command: Callable[..., Any], here: Path) -> None:
    (here / "out.csv").write_text("label,text\nspam,free prize\nham,see you\n")
    done = command(*DELETE, "--whose", "text=hello", "--statement", "s.jsonl")
    assert done.code == 0, done.err
    assert "  delete, checked\n  rows  4 in, 2 out, 2 dropped" in done.out
    assert "hello" not in (here / "s.jsonl").read_text()
    (here / "rows.txt").write_text("sha256:" + "0" * 64 + "\n")
    assert "has no such row" in command(*DELETE, "--rows", "rows.txt", "--statement", "t.jsonl").err
    (here / "rows.txt").write_text("0123\n")
    assert "not a row digest" in command(*DELETE, "--rows", "rows.txt", "--statement", "t.jsonl").err
    assert "--whose 'x' has no '='" in command(*DELETE, "--whose", "x", "--statement", "t.jsonl").err


def test_keyed_columns_are_compared_with_their_key_only(command: Callable[..., Any], here: Path) -> None:
    from modelward.data import leaf_key

    leaf_key.make(here / "leaf.key")
    (here / "out.csv").write_text("label,text\nspam,free prize\nham,see you\n")
    keyed = ("--keyed", "text", "--whose", "text=hello", "--statement", "s.jsonl")
    done = command(*DELETE, *keyed, "--leaf-key", "leaf.key")
    assert done.code == 0, done.err
    assert "2 dropped" in done.out
    assert "keyed columns need the key" in command(*DELETE, *keyed).err
    done = command(*DELETE, "--leaf-key", "leaf.key", "--statement", "s.jsonl")
    assert "--leaf-key is for the columns of --keyed" in done.err


def test_the_operations_of_the_command_are_all_there_are() -> None:
    from modelward.cli.data.custody import custody as command
    from modelward.data import custody

    (option,) = (option for option in command.params if option.name == "operation")
    assert set(option.type.choices) == set(custody.OPERATIONS)  # type: ignore[attr-defined]


def test_rows_of_an_output_are_traced_by_the_columns_that_were_named(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    (here / "raw.csv").write_text("text,by\nfree prize,mallory\nhello,ann\n")
    collect = ("data", "custody", "--operation", "collect", "--out", "raw.csv", "--name", "raw")
    done = command(*collect, "--source", "https://example.org", "--contributor-column", "by")
    assert done.code == 0, done.err
    done = command("data", "trace", "contributor:mallory")
    assert done.code == 0, done.err
    assert "1 of 2 rows, first raw.csv row 1" in done.out
    done = command(*collect, "--source", "https://example.org", "--contributor-column", "nobody")
    assert (done.code, "no column 'nobody'" in done.err) == (2, True)
