"""Loading a released model: the bytes that are used are the ones that were hashed (DESIGN 1.9).

The release bundle is verified first. Then each safetensors file is opened once and read into private memory
while it is hashed; only if its digest is the released one is its header parsed, from that same memory, and
the tensors lie over it. Nothing else of the tree is read, and nothing ever runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

from modelward.artifact.hashing import cores
from modelward.artifact.manifest import Difference, Entry
from modelward.artifact.walk import Tree, TreeFile, walk
from modelward.attest.predicates import Release, Version
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.deploy import served
from modelward.deploy.memory import open_file, read_verified
from modelward.deploy.release import Asked, State
from modelward.deploy.tensors import RawTensor, maker, read_safetensors
from modelward.deploy.verify import Verified, step

if TYPE_CHECKING:
    import numpy as np

SUFFIX = ".safetensors"

T = TypeVar("T")
PathText = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel(Generic[T]):
    """A verified release and its tensors, by name, read-only and over the memory that was hashed."""

    verified: Verified
    tensors: Mapping[str, T]
    path: Path

    @property
    def release(self) -> Release:
        """Which model, version and stage this is, and the digests of everything that was decided on."""
        return self.verified.release

    def read(self, name: str) -> bytes:
        """The bytes of a file of the release, such as `config.json`, hashed as they are read now.

        Raises Rejected if the release has no such file or the file is not the released one, else InputError.
        """
        digest = {entry.name: entry.digest for entry in self.verified.manifest.entries}.get(name)
        if digest is None:
            raise Rejected("there is no such file in the release", where=name)
        descriptor = open_file(self.path / name, name)
        try:
            return bytes(read_verified(descriptor, name, digest, _released_bytes(self.verified)))
        finally:
            os.close(descriptor)


@overload
def load(
    path: PathText,
    place: str,
    *,
    bundle: PathText,
    root: str | Digest,
    framework: Literal["numpy"] = "numpy",
    state: PathText | State | None = State.IN_HOME,
) -> LoadedModel[np.ndarray[Any, Any]]: ...


@overload
def load(
    path: PathText,
    place: str,
    *,
    bundle: PathText,
    root: str | Digest,
    framework: Literal["raw"],
    state: PathText | State | None = State.IN_HOME,
) -> LoadedModel[RawTensor]: ...


def load(
    path: PathText,
    place: str,
    *,
    bundle: PathText,
    root: str | Digest,
    framework: str = "numpy",
    state: PathText | State | None = State.IN_HOME,
) -> LoadedModel[Any]:
    """Load the safetensors files of directory `path`, if it is the current release of `place` (MODEL:STAGE).

    bundle, root, state: as for `modelward.verify`. framework: "numpy" (extra `numpy`) for arrays, "raw" for
    `RawTensor`s, which hold any type. Every *.safetensors file of the release is loaded; needs their size in
    memory, once. Files that the release does not have, and links, are refused.

    Raises Rejected when the answer is no, Stale when a newer bundle is needed, MissingExtra, or another
    ModelwardError when it could not be told.
    """
    make = maker(framework)
    place_on_disk = Path(path)
    with Asked(place, bundle, root, state).verified() as verified:
        with step(11, "bytes"):
            buffers = list(_Shards(verified, place_on_disk).read())
        tensors: dict[str, Any] = {}
        for name, view in buffers:
            for tensor, raw in read_safetensors(view, name):
                if tensor in tensors:
                    raise InputError(f"another file has a tensor {tensor!r} too", where=name)
                tensors[tensor] = make(tensor, raw)
        return LoadedModel(verified, MappingProxyType(tensors), place_on_disk)


class _Shards:
    """The safetensors files of a verified release, in the directory where they are served."""

    def __init__(self, verified: Verified, path: Path) -> None:
        self._path = path
        self._max_bytes = _released_bytes(verified)
        self._released = {entry.name: entry for entry in verified.manifest.entries}
        self._shards = [entry for entry in verified.manifest.entries if entry.name.endswith(SUFFIX)]

    def read(self) -> Iterator[tuple[str, memoryview]]:
        """Name and verified bytes of each. Raises Rejected for a tree that differs, InputError."""
        if not self._shards:
            raise InputError(
                f"the release has no {SUFFIX} file",
                where=str(self._path),
                help="only safetensors is loaded; modelward verify checks any tree",
            )
        if not self._path.is_dir():
            raise InputError("there is no directory to load", where=str(self._path))
        served.refuse_links(self._path)
        with walk(self._path) as tree:
            files = {file.name: file for file in tree.files}
            self._check_names(files)
            self._check_sizes(files)
            yield from self._read_all(tree, files)

    def _check_names(self, files: Mapping[str, TreeFile]) -> None:
        difference = Difference(
            missing=tuple(name for name in self._released if name not in files),
            extra=tuple(name for name in files if name not in self._released),
        )
        if difference:
            raise served.different(difference, self._path)

    def _check_sizes(self, files: Mapping[str, TreeFile]) -> None:
        """Refuse to read, and hold in memory, more than was ever released."""
        size = sum(files[entry.name].stamp.size for entry in self._shards)
        if self._max_bytes is not None and size > self._max_bytes:
            raise Rejected(f"{size} bytes are to be loaded; all of the release has {self._max_bytes}")

    def _read_all(self, tree: Tree, files: Mapping[str, TreeFile]) -> Iterator[tuple[str, memoryview]]:
        def read(entry: Entry) -> tuple[str, memoryview]:
            descriptor = tree.open(files[entry.name])
            try:
                return entry.name, read_verified(descriptor, entry.name, entry.digest, self._max_bytes)
            finally:
                os.close(descriptor)

        threads = min(cores(), len(self._shards))
        if threads == 1:
            yield from map(read, self._shards)
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(threads, "load") as pool:
            yield from pool.map(read, self._shards)


def _released_bytes(verified: Verified) -> int | None:
    """The size of all files as the version's author signed it, None if nobody did."""
    return None if verified.author is None else verified.author.statement.typed(Version).bytes
