"""The compiled machine does what the sources do, and is used only for the sources that it is made from."""

from __future__ import annotations

import json
import pickle as cpython
import random
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.pickle.streams import CHANGED, DECEITS, FRAMED, STREAMS

from modelward.formats.pickle import compiled

ROOT = Path(__file__).parents[3]
REPLAY = Path(__file__).with_name("replay.py")


def script() -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("compile_script", ROOT / "scripts" / "compile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built() -> Path:
    """Where the compiled modules are; kept from one run to the next while the sources stay."""
    try:
        folder: Path = script().build(ROOT / ".cache" / "compiled", optimise=1)
    except subprocess.CalledProcessError as error:
        if "error:" in error.stdout:  # of mypyc: the sources cannot be compiled anywhere
            raise AssertionError(error.stdout) from None
        pytest.skip("skipped: needs a C compiler")
    return folder.parent


def told(streams: list[bytes], *folder: str) -> list[dict[str, Any]]:
    command = [sys.executable, str(REPLAY), *folder]
    given = json.dumps([stream.hex() for stream in streams])
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: list[dict[str, Any]] = json.loads(done.stdout)
    return answer


def large() -> list[bytes]:
    """What CPython writes for some thousands of values, in all protocols."""
    chance = random.Random(3)
    value = [
        [
            chance.randrange(300),
            (chance.random(), -number),
            {"a": None, f"k{number % 7}": ["x", b"y" * 5000]},
            {number},
        ]
        for number in range(1500)
    ]
    return [cpython.dumps(value, protocol) for protocol in range(6)]


def test_compiled_and_sources_tell_the_same(built: Path) -> None:
    streams = [*DECEITS.values(), *large()]

    @given(st.one_of(STREAMS, FRAMED, CHANGED), st.booleans())
    @settings(
        max_examples=max(1500, settings.default.max_examples), suppress_health_check=[HealthCheck.too_slow]
    )
    def collect(stream: bytes, padded: bool) -> None:
        streams.append(stream + bytes(300) if padded else stream)

    collect()
    for stream, sources, machine in zip(streams, told(streams), told(streams, str(built)), strict=True):
        assert sources == machine, stream


def test_compiled_of_other_sources_is_not_used(built: Path, tmp_path: Path) -> None:
    folder = next(iter(built.iterdir()))
    for name in (compiled.name()[::-1], "0" * 32):
        (tmp_path / name).symlink_to(folder, target_is_directory=True)
    path: list[str] = []
    assert not compiled.prefer(path, tmp_path)
    assert path == []


def test_compiled_that_does_not_load_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / compiled.name()
    folder.mkdir()
    for name in ("x__mypyc", *compiled.MODULES):
        (folder / f"{name}{EXTENSION_SUFFIXES[0]}").write_bytes(b"not a library")
    path: list[str] = []
    assert not compiled.prefer(path, tmp_path)
    assert path == []


def test_part_of_the_modules_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / compiled.name()
    folder.mkdir()
    (folder / f"x__mypyc{EXTENSION_SUFFIXES[0]}").touch()
    assert not compiled.prefer([], tmp_path)


def test_name_changes_with_any_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in compiled.MODULES:
        (tmp_path / f"{module}.py").write_bytes((compiled.HERE / f"{module}.py").read_bytes())
    names = {compiled.name()}
    monkeypatch.setattr(compiled, "HERE", tmp_path)
    assert {compiled.name()} == names
    for module in compiled.MODULES:
        with (tmp_path / f"{module}.py").open("a") as file:
            file.write("\n")
        names.add(compiled.name())
    assert len(names) == len(compiled.MODULES) + 1
