"""Directories that a job writes to: beside its outputs, for nobody else, until the outputs are hashed."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelward.core.errors import InputError, UsageError

_PREFIX = ".modelward-"


@dataclass(slots=True)
class Scratch:
    """`outputs` is where each output will lie; `mounts` maps a path of the command to the directory behind.

    An output that is an empty directory gets one of its own. One that is not there gets its parent, in
    which the command makes it; whatever else it makes there is thrown away.
    """

    private: Path
    root: Path
    outputs: dict[str, Path] = field(default_factory=dict)
    mounts: dict[str, Path] = field(default_factory=dict)

    def strangers(self, own: Mapping[str, set[str]]) -> tuple[str, ...]:
        """What the command made that is not an output. `own` are names that are ours, by path."""
        wanted = set(self.outputs.values())
        return tuple(
            os.path.join(target, name)
            for target, place in self.mounts.items()
            if place not in wanted
            for name in sorted(os.listdir(place))
            if place / name not in wanted and name not in own.get(target, set())
        )


@contextmanager
def scratch(outputs: Mapping[str, Path]) -> Iterator[Scratch]:
    """Make room for `outputs` on the file system that each will be on; removed in the end.

    Raises InputError if a directory cannot be made.
    """
    made: list[Path] = []
    try:
        try:
            work = Path(tempfile.mkdtemp(prefix="modelward-"))
            made.append(work)
            places = Scratch(work / "tmp", work / "root")
            for place in (places.private, places.root):
                place.mkdir(0o700)
            for name, path in outputs.items():
                _place(places, made, name, path)
        except OSError as error:
            raise InputError(
                f"cannot make a directory to work in: {error.strerror}", where=error.filename
            ) from error
        yield places
    finally:
        for place in made:
            _remove(place)


def _place(places: Scratch, made: list[Path], name: str, path: Path) -> None:
    final = path.parent.resolve() / path.name
    parent = final.parent
    if parent == parent.parent:
        raise UsageError("an output cannot lie in the root directory", where=str(path))
    target = str(final if final.is_dir() else parent)
    if target not in places.mounts:
        place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        made.append(place)
        inner = place / "made"
        inner.mkdir(0o755)  # its parent is closed to others; this is what an output's own directory becomes
        places.mounts[target] = inner
    inner = places.mounts[target]
    places.outputs[name] = inner if final.is_dir() else inner / final.name


def _remove(place: Path) -> None:
    """Remove a tree, unreadable directories in it too. Nothing follows a link."""
    shutil.rmtree(place, ignore_errors=True)
    if place.exists():
        for directory, _, _ in os.walk(place):
            os.chmod(directory, stat.S_IRWXU, follow_symlinks=False)
        shutil.rmtree(place, ignore_errors=True)
