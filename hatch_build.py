"""Wheels with the compiled pickle machine, when MODELWARD_COMPILE=1 is set; pure ones otherwise."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts what `scripts/compile.py` makes beside the sources of the wheel, never into the working tree."""

    def dependencies(self) -> list[str]:
        """What a build that compiles needs further."""
        return ["mypy[mypyc]>=1.15"] if _wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name the files to add."""
        if not _wanted() or version == "editable":
            return
        spec = importlib.util.spec_from_file_location("compile", Path(self.root, "scripts", "compile.py"))
        if spec is None or spec.loader is None:
            raise RuntimeError("scripts/compile.py is missing")
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.made = tempfile.TemporaryDirectory()
        folder = script.build(Path(self.made.name))
        place = script.PACKAGE / script.compiled().FOLDER / folder.name
        for library in folder.iterdir():
            build_data["force_include"][str(library)] = str(place / library.name)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if _wanted() and version != "editable":
            self.made.cleanup()


def _wanted() -> bool:
    return os.environ.get("MODELWARD_COMPILE") == "1"
