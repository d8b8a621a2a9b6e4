"""What a verifier remembers of a registry, so that nothing older is accepted later.

One file per registry identity, written atomically by the verifying user and never by the served process.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from modelward.core import atomic, instant, strict_json
from modelward.core.errors import InputError


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
        return msgspec.convert(strict_json.loads(data, what="kept state", max_bytes=1 << 20), KeptState)
    except msgspec.ValidationError as error:
        raise InputError(
            f"the kept state is damaged: {error}",
            where=str(path),
            help="restore it; deleting it gives up the protection against older releases",
        ) from error


def write(path: Path, state: KeptState) -> None:
    """Keep `state` atomically."""
    atomic.write_bytes(path, strict_json.dumps(msgspec.to_builtins(state)), mode=0o600)
