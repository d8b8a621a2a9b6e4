from __future__ import annotations

import hashlib
from pathlib import Path

from modelward.scan.ruleset import ruleset

SOURCE = Path(__file__).parents[2] / "src" / "modelward"


def test_ruleset_is_the_digest_of_what_decides() -> None:
    total = hashlib.sha256()
    for package in ("formats", "scan"):
        folder = SOURCE / package
        paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        names = sorted(path.relative_to(folder).as_posix() for path in paths if path.suffix != ".so")
        for name in names:
            data = (folder / name).read_bytes()
            total.update(f"modelward.{package}/{name} {len(data)}\n".encode() + data)
    assert ruleset().value == total.hexdigest()
    assert ruleset().algorithm == "sha256"
