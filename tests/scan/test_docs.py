"""What docs/scan.md shows works as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.formats.assemble import SHELL, pickle

from modelward.scan.settings import parse

PAGE = (Path(__file__).parents[2] / "docs" / "scan.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_example_from_python(tmp_path: Path) -> None:
    folder = tmp_path / "fraud-scorer"
    folder.mkdir()
    (folder / "model.bin").write_bytes(pickle(SHELL))
    (folder / "x.blob").write_bytes(b"\x00\x01")
    run = subprocess.run(
        [sys.executable, "-c", block("python")], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == [
        "error model.bin 25 posix.system('id')",
        "not examined x.blob unknown format, starts 00 01",
    ]


def test_example_of_a_configuration() -> None:
    text = re.sub(r"sha256:([0-9a-f]{4})…", lambda match: f"sha256:{match[1] * 16}", block("toml"))
    table = tomllib.loads(text)
    settings = parse(table["suppress"], table["scan"], "docs/scan.md")
    assert len(settings.suppressions) == len(settings.pins) == 1


def test_bounds_are_those_of_the_code() -> None:
    from modelward.formats import budget
    from modelward.integrations import ranges
    from modelward.scan import engine

    assert f"| unpacked bytes | {budget.MAX_EXPANDED_BYTES >> 30} GiB |" in PAGE
    free = f"past the first {budget.FREE_BYTES >> 20} MiB"
    assert f"| unpacked bytes {free} | {budget.MAX_RATIO} times the packed bytes |" in PAGE
    assert f"| nesting | {budget.MAX_DEPTH} levels |" in PAGE
    assert f"at most {engine.MAX_STREAM_BYTES >> 30} GiB" in PAGE
    assert f"to {ranges.MAX_WHOLE_BYTES >> 30} GiB a file" in PAGE
