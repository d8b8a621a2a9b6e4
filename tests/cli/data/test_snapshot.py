from __future__ import annotations

import subprocess
import sys
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


def test_a_new_key_hides_what_could_be_guessed(command: Callable[..., Any], here: Path) -> None:
    keyed = ("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json", "--keyed", "label")
    assert command(*keyed, "--new-leaf-key", "leaf.key").code == 0
    (statement,) = statements(here / "s.json")
    said = statement.typed(Snapshot).keyed
    assert said is not None
    assert said.columns == ("label",)
    assert command("data", "verify", "raw.csv", "--leaf-key", "leaf.key").code == 0
    done = command("data", "verify", "raw.csv")
    assert done.code == 2
    assert "--leaf-key FILE" in done.err
    assert command(*keyed, "--leaf-key", "leaf.key").code == 0
    assert statements(here / "s.json")[0].typed(Snapshot).index == statement.typed(Snapshot).index
    done = command(*keyed, "--new-leaf-key", "leaf.key")
    assert done.code == 2
    assert "File exists" in done.err
    for wrong in (("--leaf-key", "leaf.key", "--new-leaf-key", "other.key"), ()):
        assert command(*keyed, *wrong).code == 2


def test_a_former_index_saves_reading_what_has_not_changed(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    (here / "tree").mkdir()
    for name in ("a.csv", "b.csv"):
        (here / "tree" / name).write_bytes((here / "raw.csv").read_bytes())
    assert command("data", "snapshot", "tree", "--name", "raw").code == 0
    (here / "tree" / "b.csv").write_text("text,label\nnew,ham\n")
    former = ("--former", "tree.index.parquet", "--index", "second.parquet")
    done = command("data", "snapshot", "tree", "--name", "raw", *former)
    assert done.code == 0, done.err
    assert "rows     5 in 2 shards" in done.out
    assert command("data", "verify", "tree", "--index", "second.parquet").code == 0
    command("data", "snapshot", "tree", "--name", "mine", "--index", "own.parquet", "--out", "s.json")
    done = command("data", "snapshot", "tree", "--name", "raw", "--former", "own.parquet")
    assert done.code == 1
    assert "no signed snapshot has this index" in done.err


def test_the_engine_is_one_setting(
    command: Callable[..., Any], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = ("data", "snapshot", "raw.csv", "--name", "raw", "--out", "s.json")
    assert command(*snapshot, "--engine", "local:2").code == 0
    done = command(*snapshot, "--engine", "spark://x")
    assert (done.code, "no engine is called 'spark://x'" in done.err) == (2, True)
    (here / "modelward.toml").write_text('[data]\nengine = "spark://y"\n')
    assert "spark://y" in command(*snapshot).err
    monkeypatch.setenv("MODELWARD_DATA_ENGINE", "local:1")
    assert command(*snapshot).code == 0
    monkeypatch.delenv("MODELWARD_DATA_ENGINE")
    for bad in ("[data]\nengine = 3\n", "[data]\nmotor = 'x'\n", "data = 1\n"):
        (here / "modelward.toml").write_text(bad)
        assert command(*snapshot).code == 2


@pytest.mark.parametrize("missing", ["numpy", "pyarrow"])
def test_without_the_extra_its_name_is_said(here: Path, missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from modelward.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", script, "data", "snapshot", "raw.csv", "--name", "x", "--out", "s.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=here)
    assert done.returncode == 2
    assert "pip install 'modelward[data]'" in done.stderr
