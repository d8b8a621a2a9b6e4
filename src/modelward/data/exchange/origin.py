"""What a file that came with data says of its origin, held against the bytes at hand.

Digests and sizes that the file gives are computed again, and a contradiction is refused. All else that it
says (where from, who, under which licence) is somebody's word: declared.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path, PurePosixPath
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlparse

import msgspec

from modelward.artifact.hashing import hash_file, hash_tree
from modelward.artifact.manifest import Manifest
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded, Rejected
from modelward.data.exchange import columns, croissant, pointers
from modelward.data.exchange.describe import LISTING
from modelward.data.exchange.facts import Description, Field, File
from modelward.data.index import Index

MAX_BYTES = croissant.MAX_BYTES
_CHUNK = 1 << 20

Format = Literal["croissant", "dvc", "git-lfs", "lakefs"]


class Origin(NamedTuple):
    """A document about data: its format, its own name and digest, and what it says."""

    format: Format
    name: str
    document: Digest
    says: Description


class Borne(NamedTuple):
    """What the bytes bear out: the files whose digest is the one that was given, and those

    that are not at hand, that were given no digest, and that the document does not name.
    """

    checked: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()


def read(path: Path) -> Origin:
    """Read a Croissant description, a DVC file, a Git LFS pointer or a lakeFS export. Raises InputError."""
    where = str(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from None
    if len(data) > MAX_BYTES:
        raise LimitExceeded(f"over {MAX_BYTES >> 20} MiB", where=where)
    form, says = _parsed(data, path.name)
    return Origin(form, path.name, Digest.sha256(data), says)


def _parsed(data: bytes, name: str) -> tuple[Format, Description]:
    if data.startswith(pointers.LFS):
        return "git-lfs", pointers.read_lfs(data, name)
    if not data.lstrip().startswith((b"{", b"[")):
        return "dvc", pointers.read_dvc(data, name)
    value = pointers.parse_json(data, name)
    if pointers.is_lakefs(value):
        return "lakefs", pointers.read_lakefs(value, name)
    return "croissant", croissant.read(data, name)


# --- files ------------------------------------------------------------------------------------------------


def chosen(says: Description, data: Path, beside: Path) -> Description:
    """Of a DVC file with several outputs, the one that `data` is; `beside` is the directory of the file."""
    place = os.path.relpath(data.resolve(), beside.resolve()).replace(os.sep, "/")
    files = tuple(file for file in says.files if file.path == place)
    return msgspec.structs.replace(says, files=files) if files else says


def data_beside(origin: Origin, document: Path) -> Path | None:
    """Where the data lies by the document's own word: beside it, never above it. None if it does not say."""
    if origin.format in ("git-lfs", "lakefs"):
        return None
    files = [file for file in origin.says.files if not file.inside and file.path != LISTING]
    if len(files) == 1:
        place = PurePosixPath(files[0].path)
        lies_here = document.parent / place
        if not place.is_absolute() and ".." not in place.parts and lies_here.exists():
            return lies_here
    return document.parent if origin.format == "croissant" else None


def digest_text(origin: Origin) -> str:
    """What the document calls the data: a commit of lakeFS, or the digest of its one file."""
    if origin.format == "lakefs" and not origin.says.files:
        return f"lakefs:{origin.says.version}"
    if len(origin.says.files) != 1:
        return ""
    file = origin.says.files[0]
    named = (("sha256", file.sha256), ("md5", file.md5), ("etag", file.etag))
    return next((f"{kind}:{value}" for kind, value in named if value), "")


def bear_out(origin: Origin, data: Path, subject: Digest) -> Borne:
    """Hold the digests and sizes that a document gives against the data at `data`, whose digest is `subject`.

    Raises Rejected, naming the file, if one contradicts; InputError if the data changed since `subject`.
    """
    says, tree = origin.says, _Tree(data, subject, origin)
    used: set[str] = set()
    checked: list[str] = []
    absent: list[str] = []
    without: list[str] = []
    for file in says.files:
        place = tree.find(file, alone=len(says.files) == 1)
        if place is None:
            absent.append(file.path)
            continue
        used.add(place)
        (checked if tree.check(file, place) else without).append(file.path)
    whole = used & {"", LISTING}
    unnamed = sorted(tree.sizes.keys() - used - tree.documents) if not whole else ()
    return Borne(tuple(checked), tuple(absent), tuple(without), tuple(unnamed))


class _Tree:
    """The data's files by name; a directory as a whole is the file with the empty name."""

    def __init__(self, data: Path, subject: Digest, origin: Origin) -> None:
        self._data = data
        self.documents: set[str] = set()
        self._listings = {subject.value}
        if data.is_dir():
            manifest = hash_tree(data)
            self.digests = {entry.name: entry.digest.value for entry in manifest.entries}
            self.sizes = {entry.name: entry.size or 0 for entry in manifest.entries}
            found = manifest.digest
            others = [entry for entry in manifest.entries if entry.digest != origin.document]
            self.documents = self.sizes.keys() - {entry.name for entry in others}
            self._listings.add(Manifest.of(others).digest.value)  # as it was before the document lay in it
        else:
            found = hash_file(data)
            self.digests = {data.name: found.value}
            self.sizes = {data.name: data.stat().st_size}
        if found != subject:
            raise InputError("the data changed while it was read", where=str(data))

    def find(self, file: File, *, alone: bool) -> str | None:
        """The name here of a file that a document names, if it is here."""
        if self._data.is_dir() and (file.path == LISTING or file.md5.endswith(".dir")):
            return LISTING if file.path == LISTING else ""
        path = unquote(urlparse(file.url).path).lstrip("/") if file.url else ""
        names = (file.path, unquote(file.path), path, path.rpartition("/")[2], file.path.rpartition("/")[2])
        found = next((name for name in names if name in self.digests), None)
        if found is None and alone and len(self.digests) == 1:
            return next(iter(self.digests))
        return found

    def check(self, file: File, place: str) -> bool:
        """Whether the file has the digest that it is given; False if it is given none. Raises Rejected."""
        if place in ("", LISTING) and place not in self.digests:
            if not place:
                return self._compare(file, self._directory_md5(), file.md5.removesuffix(".dir"), "md5")
            actual = file.sha256 if file.sha256 in self._listings else min(self._listings)
            return self._compare(file, actual, file.sha256, "dirHash")
        if file.size is not None and file.size != self.sizes[place]:
            raise _contradiction(file, f"{self.sizes[place]} bytes", f"{file.size}")
        if file.sha256:
            return self._compare(file, self.digests[place], file.sha256, "sha256")
        wanted = file.md5 or pointers.etag_md5(file.etag)
        if not wanted:
            return False
        plain, unix = self._md5(place)
        if wanted in (plain, unix):  # DVC before 3.0 leaves carriage returns out
            return True
        return self._compare(file, plain, file.md5, "md5") if file.md5 else False

    def _compare(self, file: File, actual: str, wanted: str, kind: str) -> bool:
        if actual != wanted:
            raise _contradiction(file, f"{kind} {actual}", wanted)
        return True

    def _md5(self, place: str) -> tuple[str, str]:
        """The MD5 of a file, as it is and without carriage returns before line feeds."""
        path = self._data / place if self._data.is_dir() else self._data
        plain, unix, held = hashlib.md5(usedforsecurity=False), hashlib.md5(usedforsecurity=False), b""
        whole = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                plain.update(chunk)
                whole.update(chunk)
                text = held + chunk
                held = b"\r" if text.endswith(b"\r") else b""
                unix.update(text.removesuffix(held).replace(b"\r\n", b"\n"))
        unix.update(held)
        if whole.hexdigest() != self.digests[place]:
            raise InputError("the file changed while it was read", where=place)
        return plain.hexdigest(), unix.hexdigest()

    def _directory_md5(self) -> str:
        """What DVC calls the MD5 of a directory: of the list of its files as JSON."""
        listed = [{"md5": self._md5(name)[0], "relpath": name} for name in sorted(self.digests)]
        return hashlib.md5(json.dumps(listed, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


def _contradiction(file: File, actual: str, said: str) -> Rejected:
    return Rejected(
        f"the file has {actual}, not {said} as the document says",
        where=file.path,
        help="fetch the data again, or ask its publisher which of the two is right",
    )


# --- columns ----------------------------------------------------------------------------------------------


def check_columns(says: Description, index: Index) -> tuple[str, ...]:
    """The columns that the document describes and the data has. Raises Rejected for one that differs.

    Only a field read from a column as it is can be held against the data; one cut out by an expression
    cannot.
    """
    actual = {column.name: column.type for column in index.columns}
    fields = [field for records in says.records for field in records.fields if _is_column(field, says)]
    if not any(field.column in actual for field in fields):  # another table than the one at hand
        return ()
    for field in fields:
        if field.column not in actual:
            raise Rejected(
                f"the data has no column {field.column!r}, which the document describes",
                where=index.name,
                help=f"its columns are {', '.join(sorted(actual)[:20])}",
            )
        if difference := columns.contradiction(field, actual[field.column]):
            raise Rejected(f"column {field.column!r} is described as {difference}", where=index.name)
    return tuple(field.column for field in fields)


def _is_column(field: Field, says: Description) -> bool:
    inside = {file.path for file in says.files if file.inside and file.inside != (LISTING,)}
    return bool(field.column) and not field.path and field.source not in inside
