"""Where a dataset lies: a file, a directory, or objects of a store (`s3://`, `gs://`, `az://BUCKET/KEY`).

Region, endpoint and credentials of a store come from the environment, as for the registry's blobs: `AWS_*`,
`GOOGLE_*`, `AZURE_*`. What is parsed is what is hashed, wherever it lies; something that changes between the
listing and the last byte is refused (by its ETag in a store).
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

import obstore
from obstore.exceptions import BaseError, PreconditionError

from modelward.artifact.blobs_remote import RemoteBlobs
from modelward.artifact.hashing import hash_tree
from modelward.artifact.manifest import MAX_FILES, Entry, Manifest
from modelward.artifact.walk import walk
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.core.progress import Progress, Silent
from modelward.data import address
from modelward.data.readers import layout
from modelward.data.readers.layout import Part
from modelward.data.readers.shard import OpenShard, opened
from modelward.data.readers.streams import Chunks, HashingFile, Raw, changed

_SMALL = 16 << 20
_CHUNK = 1 << 20


class Dataset(ABC):
    """A dataset where it lies. Can be sent to another process, which opens the same parts.

    `name` is the file's or directory's own name; `parts` its shards, in C-locale order of their names;
    `unread` counts the files that hold no rows; `path` is where it lies on this machine, or None.
    """

    name: str
    parts: tuple[Part, ...]
    unread: int = 0
    path: Path | None = None

    @abstractmethod
    def open(self, part: Part, progress: Progress) -> AbstractContextManager[OpenShard]:
        """Open one of the parts. Raises InputError if it cannot be read or is not what it was."""

    @abstractmethod
    def subject(self, digests: Mapping[str, Digest]) -> Digest:
        """The digest over all files: sha256 of one, dirHash of several. `digests` holds each part's, as read.

        Raises InputError if they are not those of the files that were found.
        """

    def alone(self, part: Part) -> Self:
        """What another process needs to open this part, and no more."""
        light = copy(self)
        light.parts = (part,)
        light.path = self.path.absolute() if self.path else None
        return light

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    def known(self, part: Part) -> Digest | None:
        """What the digest of a part will be, if that is known before it is read."""
        return None

    def path_of(self, part: Part) -> Path | None:
        """The file that a part is, where it is one file on this machine."""
        return None


def find(place: str | os.PathLike[str]) -> Dataset:
    """The dataset at a path or address. A directory is hashed, a prefix listed.

    Raises InputError if there is no row to read, or something that no dataset may hold; UsageError for an
    address that makes no sense.
    """
    if isinstance(place, str) and address.is_remote(place):
        return Objects(place)
    path = Path(place)
    return Folder(path) if os.path.isdir(path) else File(path)


def peek(path: Path) -> Dataset:
    """The dataset at a path, for a look at its rows: nothing is hashed, so `subject` knows nothing."""
    return Folder(path, hashed=False) if os.path.isdir(path) else File(path)


class File(Dataset):
    """A file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            size = path.stat().st_size
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
        self.name = path.resolve().name
        self.parts = (layout.single(path.name, size),)

    def open(self, part: Part, progress: Progress) -> AbstractContextManager[OpenShard]:
        """See `Dataset`."""
        path = self.path or Path()
        return opened(part.name, lambda: HashingFile(path, progress))

    def subject(self, digests: Mapping[str, Digest]) -> Digest:
        """See `Dataset`."""
        return digests[self.parts[0].name]

    def path_of(self, part: Part) -> Path | None:
        """See `Dataset`."""
        return self.path


class Folder(Dataset):
    """A directory. `manifest` holds the digest of every file as it was when this was made."""

    def __init__(self, path: Path, *, hashed: bool = True) -> None:
        self.path = path
        self.name = path.resolve().name
        self.manifest = hash_tree(path) if hashed else None
        sizes = (
            {entry.name: entry.size or 0 for entry in self.manifest.entries}
            if self.manifest
            else _sizes(path)
        )
        self.parts = layout.plan(sizes, self._contents, str(path))
        self.unread = len(sizes) - sum(len(part.files) for part in self.parts)

    def open(self, part: Part, progress: Progress) -> AbstractContextManager[OpenShard]:
        """See `Dataset`."""
        return _open(part, partial(self._raw, progress=progress))

    def alone(self, part: Part) -> Self:
        """See `Dataset`."""
        light = super().alone(part)
        for name in ("manifest", "_digests"):
            vars(light).pop(name, None)
        return light

    def subject(self, digests: Mapping[str, Digest]) -> Digest:
        """See `Dataset`."""
        if self.manifest is None:
            raise InputError("the directory was not hashed", where=str(self.path))
        for part in self.parts:
            if digests[part.name] != self.known(part):
                raise InputError(
                    "the file changed while the dataset was read",
                    where=part.name,
                    help="wait until nothing writes to it",
                )
        return self.manifest.digest

    def known(self, part: Part) -> Digest | None:
        """See `Dataset`."""
        return part.digest_in(self._digests)

    def path_of(self, part: Part) -> Path | None:
        """See `Dataset`."""
        return self.path / part.name if self.path and part.single else None

    @cached_property
    def _digests(self) -> dict[str, Digest]:
        return {entry.name: entry.digest for entry in self.manifest.entries} if self.manifest else {}

    def _raw(self, name: str, progress: Progress) -> Raw:
        return HashingFile((self.path or Path()) / name, progress)

    def _contents(self, name: str) -> bytes:
        return _small(name, lambda: self._raw(name, Silent()), self._digests.get(name))


class Objects(Dataset):
    """An object of a store, or all objects below a prefix."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._bucket, key, folder = there = address.parse(url)
        self.name = there.name
        self._objects = self._found(key, folder=folder)
        sizes = {name: item["size"] for name, item in self._objects.items()}
        self._single = list(self._objects) == [self.name] and self._objects[self.name]["path"] == key
        if self._single:
            self.parts = (layout.single(self.name, sizes[self.name]),)
        else:
            Manifest.of(Entry(name, Digest.sha256(b"")) for name in sizes)  # only names that a tree may hold
            self.parts = layout.plan(sizes, self._contents, url)
        self.unread = len(sizes) - sum(len(part.files) for part in self.parts)

    def open(self, part: Part, progress: Progress) -> AbstractContextManager[OpenShard]:
        """See `Dataset`."""
        return _open(part, partial(self._raw, progress=progress))

    def subject(self, digests: Mapping[str, Digest]) -> Digest:
        """See `Dataset`. Objects whose digests are not among `digests` are fetched and hashed."""
        if self._single:
            return digests[self.name]
        known = {part.name: digests[part.name] for part in self.parts if part.single}
        entries = [Entry(name, known.get(name) or self._hashed(name)) for name in self._objects]
        return Manifest.of(entries).digest

    def alone(self, part: Part) -> Self:
        """See `Dataset`."""
        light = super().alone(part)
        light._objects = {name: self._objects[name] for name in part.files}
        return light

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_store"}  # a store stays here

    @cached_property
    def _store(self) -> Any:
        return RemoteBlobs(self._bucket, {}).store

    def _found(self, key: str, *, folder: bool) -> dict[str, Any]:
        """The objects by their name in the dataset."""
        with _errors(self.url):
            if not folder:
                try:
                    return {self.name: _fixed(obstore.head(self._store, key))}
                except FileNotFoundError:
                    pass
            found: dict[str, Any] = {}
            for page in obstore.list(self._store, key or None, chunk_size=1000):
                for item in page:
                    name = item["path"].removeprefix(f"{key}/") if key else item["path"]
                    if item["path"].endswith("/"):  # what some tools leave for a folder
                        continue
                    found[name] = _fixed(item)
                if len(found) > MAX_FILES:
                    raise LimitExceeded(f"there are over {MAX_FILES} objects", where=self.url)
        if not found:
            raise InputError("there is no such object", where=self.url, help="check the address")
        return found

    def _raw(self, name: str, progress: Progress) -> Raw:
        item = self._objects[name]
        return Chunks(lambda: self._chunks(name), item["size"], progress)

    def _chunks(self, name: str) -> Iterator[bytes]:
        item = self._objects[name]
        options: Any = {"if_match": item["e_tag"]} if item["e_tag"] else {}
        if item["version"]:
            options["version"] = item["version"]
        with _errors(f"{self._bucket}/{item['path']}"):
            answer = obstore.get(self._store, item["path"], options=options)
            if (answer.meta["size"], answer.meta.get("e_tag")) != (item["size"], item["e_tag"]):
                raise changed(f"{self._bucket}/{item['path']}")
            for chunk in answer.stream(min_chunk_size=_CHUNK):
                yield bytes(chunk)

    def _contents(self, name: str) -> bytes:
        return _small(name, lambda: self._raw(name, Silent()), None)

    def _hashed(self, name: str) -> Digest:
        with opened(name, lambda: self._raw(name, Silent())) as shard:
            return shard.digest()


def _sizes(path: Path) -> dict[str, int]:
    with walk(path) as tree:
        return {file.name: file.stamp.size for file in tree.files}


def _open(part: Part, raw: Callable[[str], Raw]) -> AbstractContextManager[OpenShard]:
    main, files = part.main, () if part.single else part.files

    def beside(name: str) -> AbstractContextManager[OpenShard]:
        return opened(name, lambda: raw(name))

    return opened(part.name, lambda: raw(main) if main else None, files, beside)


def _small(name: str, raw: Callable[[], Raw], expected: Digest | None) -> bytes:
    """What is in a small file."""
    with opened(name, raw) as shard:
        data = shard.stream.read(_SMALL + 1)
        if len(data) > _SMALL:
            raise LimitExceeded(f"the file is over {_SMALL >> 20} MiB", where=name)
        if expected and shard.digest() != expected:
            raise changed(name)
    return data


def _fixed(item: Any) -> dict[str, Any]:
    return {key: item.get(key) for key in ("path", "size", "e_tag", "version")}


@contextmanager
def _errors(url: str) -> Iterator[None]:
    try:
        yield
    except PreconditionError:
        raise changed(url) from None
    except FileNotFoundError:
        raise InputError("there is no such object", where=url, help="check the address") from None
    except BaseError as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"the object store does not answer as it should: {first}",
            where=url,
            help="check the address, the credentials and that the bucket exists",
        ) from None
