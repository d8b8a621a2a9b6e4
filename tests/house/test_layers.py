"""Imports point down only, and the contract notices one that does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECK = "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(cache_dir=None))"


def check(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=tree,
        env={"PYTHONPATH": str(tree / "src"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_point_down_only(copy: Path) -> None:
    run = check(copy)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("core/upward.py", "modelward.artifact"),
        ("log/sideways.py", "modelward.scan"),
        ("deploy/heavy.py", "modelward.data"),
        ("unlisted/__init__.py", "modelward.core"),
    ],
)
def test_import_against_the_layers_is_noticed(copy: Path, module: str, imported: str) -> None:
    path = copy / "src" / "modelward" / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"import {imported}\n", encoding="utf-8")
    run = check(copy)
    assert run.returncode == 1
    assert "BROKEN" in run.stdout
