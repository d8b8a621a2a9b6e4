"""The former profile: read back as it was written, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.data.profile.conftest import rows, write

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.progress import Silent
from modelward.data.profile import former
from modelward.data.profile.former import profiled as former_profile
from modelward.data.profile.former import read
from modelward.data.profile.profile import Options


@pytest.fixture
def written(profiled: Any, tmp_path: Path) -> tuple[Path, Any]:
    found = profiled({"train.parquet": rows(60), "test.parquet": rows(20, seed=2)}, attributes=("group",))
    path = tmp_path / "former.json"
    path.write_text(json.dumps({"profile": msgspec.to_builtins(found), "statements": []}))
    return path, found


def test_a_profile_is_read_back(written: tuple[Path, Any]) -> None:
    path, found = written
    assert read(path) == found
    path.write_bytes(msgspec.json.encode(found))
    assert read(path) == found


@pytest.mark.parametrize(
    "change",
    [
        {"rows": -1},
        {"format": "modelward-profile/9"},
        {"surplus": 1},
        {"columns": [{"name": "x"}]},
        {"former": 3},
    ],
)
def test_a_profile_that_is_none_is_refused(written: tuple[Path, Any], change: dict[str, Any]) -> None:
    path, found = written
    path.write_text(json.dumps(msgspec.to_builtins(found) | change))
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    "text", ['["modelward-profile/1"', '["modelward-profile/1"]', "[" * 100_000 + '"modelward-profile/1"']
)
def test_broken_json_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(InputError, match="not a valid profile"):
        read(tmp_path / "f.json")


def test_a_profile_without_end_is_refused(written: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(former, "MAX_BYTES", 100)
    path, _ = written
    path.write_text('"modelward-profile/1"' + " " * 100)
    with pytest.raises(LimitExceeded):
        read(path)


def test_a_dataset_is_profiled(tmp_path: Path) -> None:
    write(tmp_path, {"old.parquet": rows(30)})
    found = former_profile(tmp_path / "old.parquet", Options(), Silent())
    assert (found.rows, found.near) == (30, None)
    assert read(tmp_path / "old.parquet") is None
    (tmp_path / "rows.json").write_text('[{"a": 1}]')
    assert read(tmp_path / "rows.json") is None
