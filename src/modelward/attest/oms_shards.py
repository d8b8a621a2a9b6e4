"""The shard form of OMS signatures: files are signed in pieces named `path:start:end`.

The reference package fails to verify what it signs this way, and never looks at empty files. Here each signed
file must be covered from its first byte to its last, and a file without shards counts as unsigned.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from modelward.artifact.hashing import cores
from modelward.artifact.walk import Stamp, changed, unreadable, walk
from modelward.attest.predicates import OmsSignature
from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent

if TYPE_CHECKING:
    from modelward.attest.oms import Outcome

#: Opens one file of the model for reading.
Opener = Callable[[], int]

_NAME = re.compile(r"(.+):(0|[1-9]\d{0,15}):([1-9]\d{0,15})\Z", re.DOTALL)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Shard:
    """The bytes `start` up to `end` of a file, and the SHA-256 that was signed for them."""

    start: int
    end: int
    digest: str


def signed_shards(predicate: OmsSignature) -> dict[str, list[Shard]]:
    """File name -> its shards in order, which leave no gap. Raises InputError for any other list."""
    size = predicate.serialization.shard_size
    if size is None or not size.is_integer():
        raise InputError("a shard signature needs a whole shard_size")
    step, algorithm = int(size), f"sha256-sharded-{int(size)}"
    files: dict[str, list[Shard]] = {}
    for resource in predicate.resources:
        match = _NAME.match(resource.name)
        if not match or resource.algorithm != algorithm:
            raise InputError(f"not a shard by {algorithm}: {resource.name!r} by {resource.algorithm}")
        files.setdefault(match[1], []).append(Shard(int(match[2]), int(match[3]), resource.digest))
    for name, shards in files.items():
        shards.sort(key=lambda shard: shard.start)
        for index, shard in enumerate(shards):
            last = index == len(shards) - 1
            whole = shard.end == shard.start + step or (
                last and shard.start < shard.end <= shard.start + step
            )
            if shard.start != index * step or not whole:
                raise InputError(f"the shards of {name!r} leave a gap or overlap")
    return files


def check_shards(
    path: Path,
    signed: dict[str, list[Shard]],
    *,
    ignore: Sequence[str] = (),
    progress: Progress | None = None,
) -> dict[str, Outcome]:
    """How each signed and each existing file is, all shards of it read.

    Raises InputError for files that cannot be read or change meanwhile.
    """
    watcher = progress or Silent()
    outcome: dict[str, Outcome] = dict.fromkeys(signed, "missing")
    work: list[tuple[str, Opener, Shard]] = []
    with _opened(path, ignore) as found:
        for name, (size, opener) in found.items():
            if name not in signed:
                outcome[name] = "not signed"
            elif signed[name][-1].end != size:
                outcome[name] = "changed"
            else:
                outcome[name] = "same"
                work.extend((name, opener, shard) for shard in signed[name])
        watcher.start(sum(shard.end - shard.start for _, _, shard in work))
        try:
            with ThreadPoolExecutor(cores()) as pool:
                for name, same in pool.map(partial(_check, watcher), work):
                    if not same:
                        outcome[name] = "changed"
        finally:
            watcher.done()
    return outcome


@contextmanager
def _opened(path: Path, ignore: Sequence[str]) -> Iterator[dict[str, tuple[int, Opener]]]:
    """The files at `path`: name -> size and opener. Checks at the end that none came, went or changed."""
    if path.is_dir():
        with walk(path, ignore=ignore) as tree:
            yield {file.name: (file.stamp.size, partial(tree.open, file)) for file in tree.files}
            tree.check_unchanged()
        return
    stamp = _stamp(path)
    yield {".": (stamp.size, partial(os.open, path, os.O_RDONLY | os.O_CLOEXEC))}
    if _stamp(path) != stamp:
        raise changed(str(path))


def _stamp(path: Path) -> Stamp:
    try:
        if not path.is_file():
            raise InputError("not a file or a directory", where=str(path))
        return Stamp.of(path.stat())
    except OSError as error:
        raise unreadable(str(path), error) from None


def _check(progress: Progress, work: tuple[str, Opener, Shard]) -> tuple[str, bool]:
    """The file's name, and whether the shard is as signed."""
    name, opener, shard = work
    hasher = hashlib.sha256()
    descriptor = opener()
    try:
        before = Stamp.of(os.fstat(descriptor))
        position = shard.start
        while position < shard.end:
            chunk = os.pread(descriptor, min(_CHUNK, shard.end - position), position)
            if not chunk:
                raise changed(name)
            hasher.update(chunk)
            position += len(chunk)
            progress.advance(len(chunk))
        if Stamp.of(os.fstat(descriptor)) != before:
            raise changed(name)
    except OSError as error:
        raise unreadable(name, error) from None
    finally:
        os.close(descriptor)
    return name, hasher.hexdigest() == shard.digest
