from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import modelward.data


@pytest.fixture
def recorded(registry: None, here: Path) -> Path:
    with modelward.data.recording("collect", "raw", source="https://example.org") as made:
        made.output(pa.table({"text": ["a", "b"]}))
    return made.files[-1]


def test_recorded_custody_is_signed_and_published(command: Callable[..., Any], recorded: Path) -> None:
    done = command("data", "publish", recorded)
    assert done.code == 0, done.err
    assert done.out.startswith("snapshot of raw.parquet (sha256:")
    assert "custody of raw.parquet" in done.out
    assert "  collect, declared" in done.out
    assert command("data", "verify", "custody/raw.parquet").out.endswith("signed by dora\n")
    assert len(json.loads(command("data", "publish", recorded, "--json").out)["statements"]) == 2


def test_data_that_changed_since_it_was_recorded_is_not_signed_for(
    command: Callable[..., Any], recorded: Path
) -> None:
    (recorded.parent / "raw.parquet").write_bytes(b"other")
    done = command("data", "publish", recorded)
    assert done.code == 1
    assert "raw.parquet is not what the statement is about" in done.err
    (recorded.parent / "raw.parquet").unlink()
    assert "it is not there" in command("data", "publish", recorded).err


@pytest.mark.parametrize(
    ("old", "new"),
    [("raw.parquet", "../raw.parquet"), ("custody/v1", "approval/v1"), ('"rows"', '"rowz"'), ("{", "")],
)
def test_a_file_of_anything_else_is_refused(
    command: Callable[..., Any], recorded: Path, old: str, new: str
) -> None:
    recorded.write_text(recorded.read_text().replace(old, new))
    assert command("data", "publish", recorded).code == 2
    recorded.write_text("")
    assert "there is no statement" in command("data", "publish", recorded).err
