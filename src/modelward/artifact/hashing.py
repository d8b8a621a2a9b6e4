"""Digests of files and trees on disk (DESIGN 1.1), as fast as SHA-256 runs, in constant memory.

One thread a core, each with one buffer, largest files first so that no thread is left with a long last file.
Reading overlaps hashing without a reader thread: the kernel, told that the reading is sequential, reads ahead
(measured: a second thread that reads into buffers is slower, warm and cold).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Collection

from modelward.artifact.manifest import Entry, Manifest
from modelward.artifact.walk import Stamp, Tree, TreeFile, changed, unreadable, walk
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent

BUFFER_BYTES = 256 << 10
_ALONE_BYTES = 1 << 20  # below this, starting threads costs more than it saves


def digest_of(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Digest:
    """The digest of a file (`sha256`) or of a directory's tree (`dirHash`). Raises InputError."""
    if os.path.isdir(path):
        return hash_tree(path, progress=progress).digest
    return hash_file(path, progress=progress)


def hash_file(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Digest:
    """The SHA-256 of a regular file; a link counts as the file it points to.

    Raises InputError if it cannot be read, is not a regular file, or changes while it is read.
    """
    label = os.fsdecode(path)
    progress = progress or Silent()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise unreadable(label, error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise InputError("this is not a regular file", where=label, help="name a file or a directory")
        progress.start(status.st_size)
        return _hash(descriptor, label, bytearray(BUFFER_BYTES), progress.advance)
    finally:
        os.close(descriptor)
        progress.done()


def hash_tree(
    path: str | os.PathLike[str], *, progress: Progress | None = None, ignore: Collection[str] = ()
) -> Manifest:
    """The manifest of the directory `path`: every regular file under it, hashed in parallel.

    `ignore` holds paths relative to it that are left out, with all below them. Raises InputError, naming the
    path and the remedy, for what a tree may not hold, for a tree without files, and
    for anything that changes between the walk and the end of the reading.
    """
    progress = progress or Silent()
    with walk(path, ignore=ignore) as tree:
        if not tree.files:
            raise InputError("there is no file to digest", where=tree.label, help="check the path")
        try:
            hashing = _Hashing(tree, progress)
            progress.start(hashing.bytes)
            manifest = Manifest.of(hashing.run())
        finally:
            progress.done()
        tree.check_unchanged()
    return manifest


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Stopped(Exception):
    """Another thread failed, or the user interrupted: give up quietly."""


class _Hashing:
    """The files of one tree on their way to being entries, shared by the threads that hash them."""

    def __init__(self, tree: Tree, progress: Progress) -> None:
        self.tree = tree
        self.progress = progress
        self.bytes = sum(file.stamp.size for file in tree.files)
        self.todo = deque(sorted(tree.files, key=lambda file: file.stamp.size, reverse=True))
        self.entries: list[Entry] = []
        self.stopped = False

    def run(self) -> list[Entry]:
        """Hash everything. Raises the first failure, after all threads have ended."""
        threads = min(cores(), len(self.todo))
        if threads == 1 or self.bytes < _ALONE_BYTES:
            self._work()
            return self.entries
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(threads, "hash") as pool:
            workers = [pool.submit(self._work) for _ in range(threads)]
            try:
                for worker in workers:
                    worker.result()
            finally:
                self.stopped = True
        return self.entries

    def _work(self) -> None:
        buffer = bytearray(BUFFER_BYTES)
        try:
            while True:
                try:
                    file = self.todo.popleft()
                except IndexError:
                    return
                self.entries.append(self._entry(file, buffer))
        except _Stopped:
            return
        except BaseException:
            self.stopped = True
            raise

    def _entry(self, file: TreeFile, buffer: bytearray) -> Entry:
        descriptor = self.tree.open(file)
        try:
            return Entry(file.name, _hash(descriptor, file.name, buffer, self._advance), file.stamp.size)
        finally:
            os.close(descriptor)

    def _advance(self, n: int) -> None:
        if self.stopped:
            raise _Stopped
        self.progress.advance(n)


def _hash(descriptor: int, where: str, buffer: bytearray, advance: Callable[[int], None]) -> Digest:
    """The SHA-256 of an open regular file, which must not change meanwhile. Raises InputError."""
    before = Stamp.of(os.fstat(descriptor))
    if before.size > len(buffer) and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
    sha256 = hashlib.sha256()
    view = memoryview(buffer)
    buffers = [view]
    read = 0
    try:
        while n := os.readv(descriptor, buffers):
            sha256.update(view[:n])
            read += n
            advance(n)
            if read > before.size:
                break
    except OSError as error:
        raise unreadable(where, error) from None
    if read != before.size or Stamp.of(os.fstat(descriptor)) != before:
        raise changed(where)
    return Digest("sha256", sha256.hexdigest())
