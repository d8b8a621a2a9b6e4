from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import pytest

from modelward.artifact.blobs_remote import RemoteBlobs
from modelward.attest.predicates import Custody, Snapshot
from modelward.attest.statement import Statement

if TYPE_CHECKING:
    from tests.conftest import S3Server


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


def test_a_dataset_in_a_store_is_read_by_its_address(
    command: Callable[..., Any], here: Path, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    store = RemoteBlobs("s3://steward/set", {}).store
    obstore.put(store, "in/raw.csv", (here / "raw.csv").read_bytes())
    for place, index in (("s3://steward/set", "set"), ("s3://steward/set/in/raw.csv", "raw.csv")):
        done = command("data", "snapshot", place, "--name", "raw", "--out", "s.json")
        assert done.code == 0, done.err
        assert f"snapshot of {index}" in done.out
        assert "4 in 1 shard" in done.out
        assert (here / f"{index}.index.parquet").exists()
        assert command("data", "verify", place).code == 0
    obstore.put(store, "in/raw.csv", (here / "raw.csv").read_bytes() + b"one,more\n")
    done = command("data", "verify", "s3://steward/set")
    assert done.code != 0
