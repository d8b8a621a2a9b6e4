"""Examining files and trees: what was found, what was not looked at, and by which rules."""

from __future__ import annotations

import hashlib
import importlib.resources
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

from modelward.artifact.hashing import hash_file, hash_tree
from modelward.artifact.walk import Stamp, Tree, changed, unreadable, walk
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.finding import Report
from modelward.core.progress import Progress, Silent
from modelward.formats.source import FileSource
from modelward.scan.examination import Examination, Place

#: Names that no artifact may hold, left out one by one, before a tree is refused as a whole.
MAX_REFUSED = 64


@dataclass(frozen=True, slots=True)
class ScanResult:
    """A report with what it is about.

    `digest` names the artifact (None where a name in the tree is not one that a digest can be made of);
    `ruleset` the rules and lists. `files` counts files, not members; `examined` those examined whole.
    """

    report: Report
    digest: Digest | None
    ruleset: Digest
    files: int
    examined: int


@dataclass(slots=True)
class _Count:
    examination: Examination = field(default_factory=Examination)
    files: int = 0
    examined: int = 0
    siblings: frozenset[str] = frozenset()

    def file(self, descriptor: int, name: str) -> None:
        """Examine one file of the artifact."""
        coverage = self.examination.report.coverage
        before = len(coverage)
        self.examination.examine(FileSource(descriptor, name), Place(name, name, siblings=self.siblings))
        self.files += 1
        self.examined += all(entry.examined for entry in coverage[before:])


def scan(path: str | os.PathLike[str], *, progress: Progress | None = None) -> ScanResult:
    """Examine a file, or every file below a directory. Nothing in it is run or imported.

    The digest is of the bytes that were examined: whatever changes between the two is an error. Raises
    InputError if the path cannot be read or changes; what is wrong with the content is in the report.
    """
    count = _Count()
    scan_one = _scan_tree if os.path.isdir(path) else _scan_file
    digest = scan_one(os.fspath(path), count, progress or Silent())
    return ScanResult(count.examination.report, digest, RULESET, count.files, count.examined)


def _scan_file(path: str, count: _Count, progress: Progress) -> Digest:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InputError("this is not a regular file", where=path, help="name a file or a directory")
        progress.start(status.st_size)
        count.file(descriptor, os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace"))
        digest = hash_file(path)
        for now in (os.fstat(descriptor), os.stat(path)):
            if Stamp.of(now) != Stamp.of(status):
                raise changed(path)
        return digest
    finally:
        os.close(descriptor)
        progress.done()


def _scan_tree(path: str, count: _Count, progress: Progress) -> Digest | None:
    refused: dict[str, str] = {}
    with _walk(path, refused) as tree:
        progress.start(sum(file.stamp.size for file in tree.files))
        count.siblings = frozenset(file.name for file in tree.files)
        try:
            for file in tree.files:
                descriptor = tree.open(file)
                try:
                    count.file(descriptor, file.name)
                finally:
                    os.close(descriptor)
                progress.advance(file.stamp.size)
            for name, reason in refused.items():
                count.examination.unexamined(name, reason)
                count.files += 1
            digest = None if refused or not tree.files else hash_tree(path).digest
            for file in tree.files:
                os.close(tree.open(file))
            tree.check_unchanged()
        finally:
            progress.done()
    return digest


def _walk(path: str, refused: dict[str, str]) -> Tree:
    """The tree without what a tree may not hold, which goes into `refused`: name -> why."""
    while True:
        try:
            return walk(path, ignore=refused)
        except InputError as error:
            name = error.where
            if not name or name in refused or name == path or len(refused) >= MAX_REFUSED:
                raise
            refused[name] = error.message


def _sources(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir() and item.name != "__pycache__":
            yield from ((f"{item.name}/{name}", data) for name, data in _sources(item))
        elif item.name.endswith(".py"):
            yield item.name, item.read_bytes()


def _ruleset() -> Digest:
    """The SHA-256 over the code that decides: every reader, list and rule."""
    total = hashlib.sha256()
    for package in ("modelward.formats", "modelward.scan"):
        for name, data in _sources(importlib.resources.files(package)):
            total.update(f"{package}/{name} {len(data)}\n".encode())
            total.update(data)
    return Digest("sha256", total.hexdigest())


#: The digest of the rules and lists: any change to what decides changes it.
RULESET = _ruleset()
