"""The tensors of a model's files, one at a time and never whole: safetensors, torch checkpoints, GGUF.

A torch checkpoint's pickle is read on symbols; nothing in it is called. Files are held open while they are
compared, and one that changes meanwhile is refused.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import prod
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded
from modelward.formats import gguf, safetensors
from modelward.formats.budget import Budget
from modelward.formats.checkpoint import Tensor, contents
from modelward.formats.checkpoint_file import CheckpointFile, open_checkpoint
from modelward.formats.source import FileSource, Slice, Source
from modelward.pipeline.derivation.numbers import BLOCKS, GGUF_KINDS

MAX_FILES = 2000
MAX_TENSORS = 200_000
#: Entries of a model's directory, those below it too.
MAX_ENTRIES = 100_000
_SUFFIXES = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt")
#: What training leaves beside the weights.
_NO_WEIGHTS = re.compile(r"(training_args|optimizer|scheduler|scaler|rng_state|random_states)[^/]*\Z")
_SHARD = re.compile(r"-\d{1,6}-of-\d{1,6}(?=\.)")


class Entry(Struct, frozen=True):
    """A tensor as it is stored. `dtype` is a type of safetensors or of GGUF's blocks."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)

    @property
    def readable(self) -> bool:
        """Whether its numbers can be decoded."""
        block = BLOCKS.get(self.dtype)
        return block is not None and (self.shape[-1] if self.shape else 1) % block[0] == 0

    def place(self, element: int) -> int:
        """The byte at which an element begins, which must begin a block."""
        count, size = BLOCKS[self.dtype]
        return element // count * size


class Family(Struct, frozen=True):
    """Files that a loader takes as one set of weights: one file, or its shards."""

    name: str
    files: tuple[Path, ...]


class Found(Struct, frozen=True):
    """The sets of weights in a place, and the weights below it that are none of them."""

    families: tuple[Family, ...]
    aside: tuple[str, ...] = ()


def families(path: Path) -> Found:
    """The sets of weights of a model: one file, or those in a directory. Raises InputError without any."""
    if not path.is_dir():
        return Found((Family(path.name, (path,)),))
    sets: dict[str, list[Path]] = {}
    aside: list[str] = []
    for count, file in enumerate(_files(path)):
        if count >= MAX_ENTRIES:
            raise LimitExceeded(f"there are over {MAX_ENTRIES} files in it", where=str(path))
        if not file.name.endswith(_SUFFIXES) or _NO_WEIGHTS.match(file.name):
            continue
        if file.parent != path:
            aside.append(str(file.relative_to(path)))
        else:
            sets.setdefault(_SHARD.sub("", file.name), []).append(file)
    if not sets:
        raise InputError(
            "there are no weights in it",
            where=str(path),
            help=f"name the directory of {aside[0]!r}" if aside else "safetensors, torch and GGUF are read",
        )
    return Found(
        tuple(Family(name, tuple(sorted(files))) for name, files in sorted(sets.items())), tuple(aside)
    )


def _files(path: Path) -> Iterator[Path]:
    for root, _, names in os.walk(path):
        for name in sorted(names):
            yield Path(root, name)


class Weights:
    """The tensors of one set of files, by name."""

    def __init__(self, family: Family) -> None:
        """Read the headers. Raises InputError naming the file, LimitExceeded, OSError never."""
        self.name = family.name
        self.entries: dict[str, Entry] = {}
        #: Heads of queries and of keys where GGUF says them: its rows are in another order then.
        self.heads: tuple[int, int] | None = None
        self.is_gguf = False
        self._readers: dict[str, _Safetensors | _Torch | _Gguf] = {}
        self._opened: list[tuple[Path, int, tuple[int, ...]]] = []
        if len(family.files) > MAX_FILES:
            raise LimitExceeded(f"there are over {MAX_FILES} files", where=family.name)
        try:
            for file in family.files:
                self._add(file)
        except BaseException:
            self.close()
            raise

    def _add(self, file: Path) -> None:
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise InputError(f"cannot read it: {error.strerror}", where=str(file)) from None
        self._opened.append((file, descriptor, _stamp(descriptor)))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise InputError("it is no regular file", where=str(file))
        try:
            reader = _reader(FileSource(descriptor, str(file)))
            if len(self.entries) + len(reader.entries) > MAX_TENSORS:
                raise LimitExceeded(f"there are over {MAX_TENSORS} tensors")
            for entry in reader.entries:
                if entry.name in self.entries:
                    raise InputError(f"two tensors are called {entry.name[:200]!r}")
                self.entries[entry.name] = entry
                self._readers[entry.name] = reader
        except InputError as error:
            raise type(error)(
                f"{error.where}: {error.message}" if error.where else error.message,
                where=str(file),
                help=error.help,
            ) from None
        if isinstance(reader, _Gguf):
            self.is_gguf, self.heads = True, reader.heads or self.heads

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(stamp[0] for _, _, stamp in self._opened)

    @contextmanager
    def open(self, name: str) -> Iterator[Source]:
        """A tensor's bytes, row by row, little-endian. Raises InputError."""
        with self._readers[name].open(name) as source:
            yield source

    def check_unchanged(self) -> None:
        """Raises InputError if a file was written to since it was opened."""
        for file, descriptor, stamp in self._opened:
            if _stamp(descriptor) != stamp:
                raise InputError("it was changed while it was read", where=str(file), help="compare it again")

    def close(self) -> None:
        """Close the files."""
        while self._opened:
            os.close(self._opened.pop()[1])

    def __enter__(self) -> Weights:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stamp(descriptor: int) -> tuple[int, ...]:
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _reader(source: Source) -> _Safetensors | _Torch | _Gguf:
    """The reader for what a file holds, whatever it is called."""
    head = source.read(0, 9)
    if head[:4] in (b"GGUF", b"FUGG"):
        return _Gguf(source)
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") < source.size:
        return _Safetensors(source)
    return _Torch(source)


class _Safetensors:
    def __init__(self, source: Source) -> None:
        for problem in safetensors.problems(source):
            raise InputError(problem.message, help="write it again with the safetensors library")
        start = 8 + int.from_bytes(source.read(0, 8), "little")
        header = strict_json.loads(
            source.read(8, start - 8), what="its header", max_bytes=safetensors.MAX_READ_BYTES
        )
        header.pop("__metadata__", None)
        self.source = source
        self.entries = [Entry(name, each["dtype"], tuple(each["shape"])) for name, each in header.items()]
        self.places = {
            name: (start + each["data_offsets"][0], each["data_offsets"][1] - each["data_offsets"][0])
            for name, each in header.items()
        }

    @contextmanager
    def open(self, name: str) -> Iterator[Source]:
        yield Slice(self.source, *self.places[name])


class _Gguf:
    def __init__(self, source: Source) -> None:
        found = gguf.contents(source)
        self.source = source
        self.entries = [
            Entry(each.name, GGUF_KINDS.get(each.kind, f"type {each.kind}"), each.shape)
            for each in found.tensors
        ]
        self.places = {each.name: (each.at, each.bytes or 0) for each in found.tensors}
        self.heads: tuple[int, int] | None = None
        for key, queries in found.numbers.items():
            if key.endswith(".attention.head_count") and queries:
                self.heads = queries, found.numbers.get(f"{key}_kv") or queries

    @contextmanager
    def open(self, name: str) -> Iterator[Source]:
        yield Slice(self.source, *self.places[name])


class _Torch:
    def __init__(self, source: Source) -> None:
        self.file: CheckpointFile = open_checkpoint(source, Budget())
        self.tensors: dict[str, Tensor] = {
            each.name: each for each in contents(self.file.value, self.file.changes).tensors
        }
        self.entries = [Entry(each.name, each.dtype, each.shape) for each in self.tensors.values()]

    @contextmanager
    def open(self, name: str) -> Iterator[Source]:
        tensor = self.tensors[name]
        with ExitStack() as stack:
            if _in_order(tensor) and not self.file.big_endian:
                source = stack.enter_context(self.file.open(tensor.storage))
                if source.size != tensor.storage.bytes:
                    raise InputError("its storage is not of the size that the pickle says", where=name[:200])
                yield Slice(source, tensor.offset * tensor.item_bytes, tensor.bytes)
                return
            copy = stack.enter_context(tempfile.TemporaryFile())
            for piece in self.file.data(tensor):
                copy.write(piece)
            copy.flush()
            yield FileSource(copy.fileno(), name[:200])


def _in_order(tensor: Tensor) -> bool:
    """Whether a view's elements lie as they are counted."""
    reach = 1
    for size, stride in zip(reversed(tensor.shape), reversed(tensor.strides), strict=True):
        if size > 1 and stride != reach:
            return False
        reach *= size
    return True
