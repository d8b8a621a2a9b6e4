"""Examining files, trees, streams and remote files: what was found, and what was not looked at."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from msgspec.structs import replace

from modelward.artifact.hashing import hash_file, hash_tree
from modelward.artifact.walk import Stamp, Tree, Unreadable, changed, unreadable, walk
from modelward.core import finding
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.finding import Finding
from modelward.core.progress import Progress, Silent
from modelward.formats.remote import RemoteArtifact
from modelward.formats.source import CHUNK_BYTES, FileSource, Source
from modelward.scan.examination import Examination, Place, Reading
from modelward.scan.ruleset import ruleset
from modelward.scan.settings import NONE, Pin, ScanSettings, Suppression
from modelward.scan.suppress import Applied, digest_of

#: How much of a stream is read, unless something else is asked for.
MAX_STREAM_BYTES = 16 << 30


class Report(finding.Report, kw_only=True):
    """The report of a whole artifact. What the configuration hides is not among its findings.

    `everything` has that too, and is what is signed. `digest` names the artifact if that was asked for, and
    is None too where a name in the tree is not one that a digest can be made of. Of a remote artifact
    `declared` is the digest that its server gives, which nobody checked, and `fetched` the number of bytes
    read of it. `files` counts files, not members; `examined` those examined whole.
    """

    everything: finding.Report
    files: int
    examined: int
    digest: Digest | None = None
    used: frozenset[Suppression | Pin] = frozenset()
    declared: str | None = None
    fetched: int | None = None

    @property
    def suppressed(self) -> int:
        """How many findings the configuration hides."""
        return max(0, len(self.everything.findings) - len(self.findings))

    @property
    def ruleset(self) -> Digest:
        """The digest of the rules and lists that decided."""
        return ruleset()


class _Scan:
    """One artifact being scanned, file by file."""

    def __init__(self, settings: ScanSettings = NONE, tree: Digest | None = None) -> None:
        self.applied = Applied(settings, tree) if settings else None
        self.examination = Examination()
        self.shown: list[Finding] = []
        self.siblings: frozenset[str] = frozenset()
        self.files = 0
        self.examined = 0

    def file(self, source: Source, name: str) -> None:
        """Examine one file of the artifact."""
        report = self.examination.report
        findings, entries = len(report.findings), len(report.coverage)
        place = Place(name, name, siblings=self.siblings)
        self.examination.examine(source, place)
        if self.applied is not None:

            def again(pinned: frozenset[str]) -> Sequence[Finding]:
                examination = Examination(pinned=pinned)
                examination.examine(source, place)
                return examination.report.findings

            self.shown += self.applied.shown(report.findings[findings:], source, again)
        self.files += 1
        self.examined += all(entry.examined for entry in report.coverage[entries:])

    def link(self, root: str, name: str) -> None:
        """Say where a link leads that is not followed, if that is into the machine's own files."""
        from modelward.formats import links

        if (fact := links.escape(root, name)) is not None:
            reading = Reading("link")
            reading.fact(fact)
            found = reading.hits.findings(name)
            self.examination.report.extend(found)
            self.shown += found

    def missed(self, name: str, reason: str) -> None:
        """Note a file that could not be examined."""
        self.examination.unexamined(name, reason)
        self.files += 1

    def result(self, digest: Digest | None = None) -> Report:
        """What was found, and of it what the configuration leaves to be shown."""
        applied = self.applied
        everything = self.examination.report
        return Report(
            everything.findings if applied is None else self.shown,
            everything.coverage,
            everything=everything,
            files=self.files,
            examined=self.examined,
            digest=digest,
            used=frozenset(() if applied is None else applied.used),
        )


def scan(
    path: str | os.PathLike[str],
    *,
    digest: bool = False,
    settings: ScanSettings = NONE,
    progress: Progress | None = None,
) -> Report:
    """Examine a file, or every file below a directory. Nothing in it is run or imported.

    With `digest` the bytes are hashed too (it costs reading all of them), and the result names them; so it
    does where `settings` speak of digests. Raises InputError if the path cannot be read or changes
    meanwhile; what is wrong with the content is in the report.
    """
    scan_one = _scan_tree if os.path.isdir(path) else _scan_file
    return scan_one(os.fspath(path), settings, progress or Silent(), digest)


def scan_stream(
    stream: BinaryIO,
    *,
    name: str = "stdin",
    max_bytes: int = MAX_STREAM_BYTES,
    digest: bool = False,
    settings: ScanSettings = NONE,
) -> Report:
    """Examine what a stream gives, of which `max_bytes` are kept in an unnamed temporary file.

    A longer stream is examined as far as it was read, and is incomplete. Raises OSError.
    """
    current = _Scan(settings)
    with tempfile.TemporaryFile() as space:
        left = max_bytes
        while left > 0 and (chunk := stream.read(min(CHUNK_BYTES, left))):
            space.write(chunk)
            left -= len(chunk)
        space.flush()
        if left == max_bytes:
            current.missed(name, "nothing came")  # from a program that failed, most likely
            return current.result()
        source = FileSource(space.fileno(), name)
        current.file(source, name)
        if left <= 0 and stream.read(1):
            current.examination.unexamined(name, f"only its first {max_bytes} bytes were read")
            current.examined = 0
            return current.result()
        return current.result(digest_of(source) if digest else None)


def scan_remote(artifact: RemoteArtifact, *, progress: Progress | None = None) -> Report:
    """Examine remote files, of which only the parts that matter are fetched.

    Suppressions and pins speak of digests, which nobody has checked here: none applies. Raises
    InputError if a file changes meanwhile; one that cannot be read is incomplete.
    """
    progress = progress or Silent()
    current = _Scan()
    current.siblings = frozenset(file.name for file in artifact.files)
    progress.start(sum(file.size for file in artifact.files))
    try:
        for file in artifact.files:
            source = file.open()
            current.file(source, file.name)
            if source.changed is not None:
                raise source.changed
            progress.advance(file.size)
        for name, reason in artifact.missed.items():
            current.missed(name, reason)
    finally:
        artifact.close()
        progress.done()
    return replace(current.result(), declared=artifact.declared, fetched=artifact.meter.bytes)


def _scan_file(path: str, settings: ScanSettings, progress: Progress, digest: bool) -> Report:
    current = _Scan(settings)
    with _opened(path) as descriptor:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InputError("this is not a regular file", where=path, help="name a file or a directory")
        progress.start(status.st_size)
        try:
            name = os.fsencode(os.path.basename(path)).decode("utf-8", "backslashreplace")
            current.file(FileSource(descriptor, name), name)
            named = hash_file(path) if digest else None
            for now in (os.fstat(descriptor), os.stat(path)):
                if Stamp.of(now) != Stamp.of(status):
                    raise changed(path)
        finally:
            progress.done()
    return current.result(named)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _scan_tree(path: str, settings: ScanSettings, progress: Progress, digest: bool) -> Report:
    refused: dict[str, str] = {}
    with walk(path, refused=refused) as tree:
        if digest or settings.names_trees:
            _leave_out_unreadable(tree, refused)
        whole = bool(tree.files) and not refused
        named = hash_tree(path).digest if whole and (digest or settings.names_trees) else None
        current = _Scan(settings, named)
        progress.start(sum(file.stamp.size for file in tree.files))
        current.siblings = frozenset(file.name for file in tree.files)
        try:
            for file in tree.files:
                try:
                    descriptor = tree.open(file)
                except Unreadable as error:
                    refused[file.name] = error.message
                    continue
                try:
                    current.file(FileSource(descriptor, file.name), file.name)
                finally:
                    os.close(descriptor)
                progress.advance(file.stamp.size)
            for name, reason in refused.items():
                current.missed(name, reason)
                current.link(path, name)
            if not tree.files and not refused:
                current.examination.unexamined(".", "there are no files in it")
            tree.check_unchanged()
        finally:
            progress.done()
    return current.result(named)


def _leave_out_unreadable(tree: Tree, refused: dict[str, str]) -> None:
    """One file that may not be read does not keep the others from being examined."""
    readable = []
    for file in tree.files:
        try:
            os.close(tree.open(file))
            readable.append(file)
        except Unreadable as error:
            refused[file.name] = error.message
    tree.files = readable
