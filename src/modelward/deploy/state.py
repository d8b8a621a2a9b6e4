"""What a verifier remembers of a registry, so that nothing older is accepted later.

One file per registry identity, written atomically by the verifying user. Everybody may read it; a served
process that may not write it uses it all the same.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from modelward.core import atomic, home, instant, strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected

_NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}


class KeptState(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The newest of everything seen. `sequences` maps `model:stage` to the highest release sequence."""

    trust_version: int
    trust_digest: str
    log_size: int
    log_root: str
    status_issued_at: str
    newest_time: str
    sequences: dict[str, int]

    @property
    def newest(self) -> datetime:
        """The newest verified time: no clock may be behind it."""
        return instant.parse(self.newest_time)


def read(path: Path) -> KeptState | None:
    """The state at `path`, None if there is none. A damaged one is an error, never none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"the kept state cannot be read: {error.strerror}", where=str(path)) from error
    try:
        return msgspec.convert(strict_json.loads(data, what="it", max_bytes=1 << 20), KeptState)
    except (msgspec.ValidationError, InputError) as error:
        raise InputError(
            f"the kept state is damaged: {error}",
            where=str(path),
            help="restore it; deleting it gives up the protection against older releases",
        ) from error


def place_of(pin: Digest) -> Path:
    """Where the state of the registry with the identity `pin` is kept by default."""
    return home.state_directory() / f"{pin.value}.json"


def write(path: Path, state: KeptState) -> bool:
    """Keep, atomically, the newest of `state` and of what others kept at `path` meanwhile.

    False where the file is another user's: it is left as it is. Raises Rejected if the two contradict each
    other (see `joined`), InputError if the state can be neither written nor read.
    """
    try:
        with _locked(path):
            found = read(path)
            newest = state if found is None else joined(found, state)
            if newest != found:
                atomic.write_bytes(path, strict_json.dumps(msgspec.to_builtins(newest)))
    except OSError as error:
        if error.errno in _NOT_OURS and read(path) is not None:
            return False
        raise InputError(
            f"the state cannot be kept: {error.strerror}",
            where=str(path),
            help="make its directory writable, or keep it elsewhere (--state)",
        ) from error
    return True


def joined(one: KeptState, other: KeptState) -> KeptState:
    """The newest of both. Raises Rejected for two trust policies of one version, or two logs of one size.

    A fork between logs of different size is noticed by the next verification, which has one of them kept.
    """
    trust = max(one, other, key=lambda state: state.trust_version)
    log = max(one, other, key=lambda state: state.log_size)
    if one.trust_version == other.trust_version and one.trust_digest != other.trust_digest:
        raise Rejected(f"two trust policies of version {one.trust_version} were seen at the same time")
    if one.log_size == other.log_size and one.log_root != other.log_root:
        raise Rejected(f"two logs of {one.log_size} entries were seen at the same time")
    places = one.sequences.keys() | other.sequences.keys()
    return KeptState(
        trust_version=trust.trust_version,
        trust_digest=trust.trust_digest,
        log_size=log.log_size,
        log_root=log.log_root,
        status_issued_at=max(one.status_issued_at, other.status_issued_at),
        newest_time=max(one.newest_time, other.newest_time),
        sequences={
            place: max(one.sequences.get(place, 0), other.sequences.get(place, 0)) for place in sorted(places)
        },
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One writer at a time. The lock is a file that only its user can open, so nobody else can hold it."""
    atomic.make_directories(path.parent)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
