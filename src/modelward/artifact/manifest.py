"""The manifest of a tree: its files by name, digest and size, and the one digest over them (DESIGN 1.1).

Written as `sha256sum` writes it, so that `sha256sum -c` checks it. The tree's digest is in-toto's `dirHash`:
the SHA-256 of that listing in C-locale path order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from modelward.artifact.names import check_distinct, check_name
from modelward.core.digest import Digest
from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex

MAX_FILES = 2_000_000
MAX_BYTES = 256 << 20

_LINE = regex(rb"([0-9a-f]{64})  ([^\n]+)\Z")


class Entry(Struct, frozen=True):
    """One file of a tree: its path with `/`, its SHA-256, its size in bytes where it is known."""

    name: str
    digest: Digest
    size: int | None = None


class Difference(Struct, frozen=True):
    """How one tree differs from the one expected: names, each tuple in C-locale order."""

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.missing or self.extra or self.changed)


@dataclass(frozen=True)
class Manifest:
    """The files of a tree, in C-locale path order. Never empty, every name allowed and distinct.

    Raises InputError, or LimitExceeded past MAX_FILES.
    """

    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        if not self.entries:
            raise InputError("a manifest names at least one file")
        if len(self.entries) > MAX_FILES:
            raise LimitExceeded(f"the tree has over {MAX_FILES} files", help="pack small files together")
        previous = ""
        for entry in self.entries:
            check_name(entry.name)
            if entry.digest.algorithm != "sha256":
                raise InputError("a file in a manifest has a sha256 digest", where=entry.name)
            if entry.name <= previous:  # code points sort as their UTF-8 bytes do
                what = "named twice" if entry.name == previous else "out of C-locale order"
                raise InputError(f"the file is {what}", where=entry.name)
            previous = entry.name
        check_distinct(entry.name for entry in self.entries)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Manifest:
        """A manifest of entries in any order. Raises InputError."""
        return cls(tuple(sorted(entries, key=lambda entry: entry.name)))

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """Read a SHA256SUMS listing, strictly: only what `to_bytes` writes is accepted. Sizes are unknown.

        Raises InputError naming the line, or LimitExceeded past MAX_BYTES or MAX_FILES.
        """
        if len(data) > MAX_BYTES:
            raise LimitExceeded(f"the manifest is over {MAX_BYTES} bytes")
        if not data.endswith(b"\n"):
            raise InputError("the manifest is empty or its last line is cut off", help="fetch it again")
        if data.count(b"\n") > MAX_FILES:
            raise LimitExceeded(f"the manifest names over {MAX_FILES} files")
        return cls(tuple(_entry(number, line) for number, line in enumerate(data[:-1].split(b"\n"), 1)))

    def to_bytes(self) -> bytes:
        """The listing as `sha256sum` writes it: `HEX  NAME`, one line a file."""
        return "".join(f"{entry.digest.value}  {entry.name}\n" for entry in self.entries).encode("utf-8")

    @cached_property
    def digest(self) -> Digest:
        """The tree's dirHash."""
        return Digest("dirHash", hashlib.sha256(self.to_bytes()).hexdigest())

    @property
    def files(self) -> int:
        """How many files the tree has."""
        return len(self.entries)

    @property
    def bytes(self) -> int | None:
        """The size of all files, or None where a size is unknown."""
        sizes = [entry.size for entry in self.entries if entry.size is not None]
        return sum(sizes) if len(sizes) == len(self.entries) else None

    def diff(self, other: Manifest) -> Difference:
        """How `other` differs from this manifest, the expected one.

        `missing`: only here; `extra`: only in `other`; `changed`: in both, with other bytes.
        """
        here = {entry.name: entry.digest for entry in self.entries}
        there = {entry.name: entry.digest for entry in other.entries}
        return Difference(
            missing=tuple(name for name in here if name not in there),
            extra=tuple(name for name in there if name not in here),
            changed=tuple(name for name, digest in here.items() if there.get(name, digest) != digest),
        )


def _entry(number: int, line: bytes) -> Entry:
    match = _LINE.match(line)
    if not match:
        raise InputError(
            "not a line of a SHA256SUMS listing",
            where=f"line {number}",
            help="each line is 64 hex characters, two spaces, the path",
        )
    try:
        name = match[2].decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("the name is not UTF-8", where=f"line {number}") from None
    return Entry(name, Digest("sha256", match[1].decode("ascii")))
