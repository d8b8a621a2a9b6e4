"""Keys for the cells of columns that can be guessed: names, telephone numbers, labels.

A keyed cell's digest is an HMAC, so who has the index but not the key learns nothing from trying values.
Whoever compares two datasets needs the same key for both.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from modelward.core.errors import InputError, UsageError
from modelward.data.options import Options

_BYTES = 32
_NAME = b"modelward leaf key\n"


def make(path: Path) -> bytes:
    """A new key, in a new file that only its owner reads. Raises InputError if there is a file."""
    key = secrets.token_bytes(_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"the key cannot be written: {error.strerror}", where=str(path)) from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key.hex().encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return key


def read(path: Path) -> bytes:
    """The key in a file: 64 hexadecimal digits. Raises InputError."""
    try:
        with path.open("rb") as stream:
            key = bytes.fromhex(stream.read(1024).decode("ascii"))
    except OSError as error:
        raise InputError(f"the key cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError:
        key = b""
    if len(key) != _BYTES:
        raise InputError(
            f"a leaf key is {2 * _BYTES} hexadecimal digits",
            where=str(path),
            help="make one: --new-leaf-key FILE",
        )
    return key


def name_of(key: bytes) -> str:
    """What statements call a key: it says nothing of it."""
    return hashlib.sha256(_NAME + key).hexdigest()[:32]


def identified(options: Options) -> Options:
    """The options with the name of their key. Raises UsageError if it is missing, or not the one it is."""
    if not options.keyed:
        return replace(options, key=None, key_id="")
    if options.key is None:
        raise UsageError("keyed columns need the key of their cells", help="name it: --leaf-key FILE")
    name = name_of(options.key)
    if options.key_id not in ("", name):
        raise UsageError(
            f"the index was made with leaf key {options.key_id}, not with {name}",
            help="give the key that it was made with",
        )
    return replace(options, keyed=tuple(sorted(set(options.keyed))), key_id=name)


def check_same(options: Sequence[Options]) -> None:
    """Raise UsageError unless rows of datasets that were read so can be compared."""
    ways = {(tuple(sorted(each.keyed)), each.key_id) for each in options}
    if len(ways) > 1:
        said = sorted(
            f"columns {', '.join(keyed)} by key {name}" if keyed else "no key" for keyed, name in ways
        )
        raise UsageError(
            f"the cells of the datasets are not hashed alike: {'; '.join(said)}",
            help="take the snapshots with the same --keyed columns and the same --leaf-key",
        )
