"""How much the base install weighs: `python benchmarks/install_size.py`.

Makes a fresh virtual environment, installs requirements/base.txt and modelward into it as a user would
(pip, no extras), and prints what site-packages holds without pip itself. Exit code 1 past the budget.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUDGET_MB = 200
LARGEST = 5


def pip(python: Path | str, *arguments: str) -> None:
    """Run pip quietly with `python`."""
    options = ("--disable-pip-version-check", "--no-input", "--quiet")
    subprocess.run([python, "-m", "pip", *options, *arguments], check=True, cwd=ROOT)


def size(path: Path) -> int:
    """The bytes of the files below `path`."""
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file())


def install(directory: Path) -> Path:
    """Install modelward under `directory` and return its site-packages."""
    venv.create(directory / "env", with_pip=True)
    python = directory / "env" / "bin" / "python"
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(directory), ".")
    pip(python, "install", "--require-hashes", "-r", "requirements/base.txt")
    (wheel,) = directory.glob("modelward-*.whl")
    pip(python, "install", "--no-deps", str(wheel))
    subprocess.run([python, "-m", "modelward", "--version"], check=True)
    (site,) = (directory / "env" / "lib").glob("python*/site-packages")
    return site


def main() -> int:
    """Measure, print, and say whether the budget holds."""
    with tempfile.TemporaryDirectory() as name:
        site = install(Path(name))
        parts = {
            path.name: size(path) if path.is_dir() else path.stat().st_size
            for path in site.iterdir()
            if not path.name.startswith(("pip", "setuptools", "pkg_resources", "_distutils"))
        }
    total = sum(parts.values()) / 1e6
    for part, weight in sorted(parts.items(), key=lambda item: -item[1])[:LARGEST]:
        print(f"{weight / 1e6:8.1f} MB  {part}")
    print(f"{total:8.1f} MB  in all (budget {BUDGET_MB})")
    return int(total > BUDGET_MB)


if __name__ == "__main__":
    sys.exit(main())
