"""Content digests: the names of everything (DESIGN 1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.core.regex import regex

#: Algorithm name -> length of its hexadecimal value.
#: `sha256` names a file, `dirHash` (in-toto) a tree; the others occur in materials.
HEX_LENGTHS = {"sha256": 64, "dirHash": 64, "sha384": 96, "sha512": 128, "gitCommit": 40}

_HEX = regex(r"[0-9a-f]+\Z")


class Digest(Struct, frozen=True, order=True):
    """An algorithm and its lower-case hexadecimal value.

    Two digests are equal only if both parts are: a `dirHash` has the same hex as the `sha256`
    of its manifest file, and must never be taken for it.
    """

    algorithm: str
    value: str

    def __post_init__(self) -> None:
        length = HEX_LENGTHS.get(self.algorithm)
        if length is None:
            raise InputError(
                f"unknown digest algorithm {self.algorithm!r}",
                help=f"use one of {', '.join(HEX_LENGTHS)}",
            )
        if len(self.value) != length or not _HEX.match(self.value):
            raise InputError(f"a {self.algorithm} digest is {length} lower-case hex characters")

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read `algorithm:hex`. Raises InputError."""
        algorithm, colon, value = text.partition(":")
        if not colon:
            raise InputError(f"not a digest: {text!r}", help="write it as sha256:HEX or dirHash:HEX")
        return cls(algorithm, value)

    @classmethod
    def sha256(cls, data: bytes) -> Digest:
        """The SHA-256 digest of `data`."""
        return cls("sha256", hashlib.sha256(data).hexdigest())

    @classmethod
    def from_set(cls, digest_set: Mapping[str, str]) -> Digest:
        """Read an in-toto DigestSet that names one algorithm. Raises InputError."""
        if len(digest_set) != 1:
            raise InputError(f"expected exactly one digest, found {len(digest_set)}")
        ((algorithm, value),) = digest_set.items()
        return cls(algorithm, value)

    def as_set(self) -> dict[str, str]:
        """The in-toto DigestSet form."""
        return {self.algorithm: self.value}

    @property
    def raw(self) -> bytes:
        """The digest as bytes."""
        return bytes.fromhex(self.value)

    @property
    def short(self) -> str:
        """A form for people, never for comparison: `sha256:9f2c…41ab`."""
        return f"{self.algorithm}:{self.value[:4]}…{self.value[-4:]}"
