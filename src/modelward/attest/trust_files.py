"""Trust policies in files.

A registry directory holds `trust/1.jsonl`, `trust/2.jsonl` …: a version each, one bundle a line. A version's
file never changes.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from modelward.attest.bundle import Bundle
from modelward.attest.trust import MAX_SIGNATURES, MAX_VERSIONS
from modelward.core import atomic
from modelward.core.errors import Conflict, InputError, LimitExceeded

#: A file with the bundles of one version is at most this long.
MAX_FILE_BYTES = 64 << 20

_VERSION = re.compile(r"([1-9][0-9]{0,5})\.jsonl\Z")


def load_versions(directory: Path) -> list[tuple[Bundle, ...]]:
    """Read all trust policy versions of a registry directory, for `trust.walk`. Nothing is verified.

    Raises InputError if there are none, one is missing, or a file is malformed.
    """
    folder = directory / "trust"
    try:
        numbers = sorted(int(match[1]) for name in os.listdir(folder) if (match := _VERSION.match(name)))
    except OSError as error:
        raise InputError(
            f"no trust policy: {error.strerror}", where=str(folder), help="is this a registry's directory?"
        ) from None
    if not numbers:
        raise InputError("no trust policy", where=str(folder), help="is this a registry's directory?")
    if len(numbers) > MAX_VERSIONS:
        raise LimitExceeded(f"more than {MAX_VERSIONS} versions", where=str(folder))
    if numbers != list(range(1, len(numbers) + 1)):
        missing = min(set(range(1, numbers[-1])) - set(numbers))
        raise InputError(f"version {missing} is missing", where=str(folder))
    return [read_bundles(folder / f"{number}.jsonl") for number in numbers]


def write_version(directory: Path, version: int, bundles: Sequence[Bundle]) -> Path:
    """Write the bundles of one version, whole or not at all; an existing version is never replaced.

    Whether they make a good version is `trust.walk`'s question: ask it first. Raises Conflict if the version
    exists or does not follow the newest one.
    """
    folder = directory / "trust"
    folder.mkdir(parents=True, exist_ok=True)
    if version > 1 and not (folder / f"{version - 1}.jsonl").exists():
        raise Conflict(f"version {version - 1} of the trust policy is missing", where=str(folder))
    path = folder / f"{version}.jsonl"
    descriptor, temporary = tempfile.mkstemp(prefix=".trust.", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_lines(bundles))
            stream.flush()
            os.fchmod(stream.fileno(), 0o644)
            os.fsync(stream.fileno())
        os.link(temporary, path)
    except FileExistsError:
        raise Conflict(
            f"version {version} of the trust policy exists already",
            where=str(path),
            help="somebody else made it first; look at it and try again",
        ) from None
    finally:
        Path(temporary).unlink(missing_ok=True)
    atomic.fsync_directory(folder)
    return path


def read_bundles(path: Path) -> tuple[Bundle, ...]:
    """Read a file of bundles, one a line. Raises InputError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", where=str(path)) from None
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    if len(data) > MAX_FILE_BYTES or len(lines) > MAX_SIGNATURES:
        raise LimitExceeded("too many signatures, or too large", where=str(path))
    bundles = []
    for number, line in enumerate(lines, start=1):
        try:
            bundles.append(Bundle.from_bytes(line))
        except InputError as error:
            raise InputError(str(error), where=f"{path}, line {number}", help=error.help) from None
    return tuple(bundles)


def write_bundles(path: Path, bundles: Sequence[Bundle]) -> None:
    """Write a file of bundles, one a line, in the place of any former one: a proposal grows."""
    atomic.write_bytes(path, _lines(bundles))


def _lines(bundles: Sequence[Bundle]) -> bytes:
    return b"".join(bundle.to_bytes() + b"\n" for bundle in bundles)
