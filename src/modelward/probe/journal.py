"""What was asked already, beside the output: a probe that was cut off goes on where it stopped.

A file of lines, each a checksum and a JSON object; the first names the probe. A line that a crash tore is cut
off with what follows it: it is asked again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from modelward.core import strict_json
from modelward.core.errors import InputError

_FORMAT = "modelward-probe/1"
MAX_LINE = 64 << 20


class Journal:
    """Answers by key. Without a path they are kept in memory alone."""

    def __init__(self, path: Path | None, probe: str) -> None:
        """Open the journal of the probe with this digest, or begin it.

        Raises InputError if it is that of another.
        """
        self.path = path
        self._held: dict[str, Any] = {}
        self._file: BinaryIO | None = None
        if path is None:
            return
        try:
            self._file = open(path, "r+b" if path.exists() else "x+b")  # noqa: SIM115
            self._load(probe)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None
        except InputError:
            self.close()
            raise

    def _load(self, probe: str) -> None:
        assert self._file is not None
        good = 0
        while line := self._file.readline(MAX_LINE + 1):
            entry = _entry(line)
            if entry is None:
                break
            if good == 0 and entry != {"format": _FORMAT, "probe": probe}:
                raise InputError(
                    "this is the journal of another probe",
                    where=str(self.path),
                    help="finish that one with its models, prompts and options, or remove the file",
                )
            if good:
                self._held |= entry
            good += len(line)
        if good == 0 and os.fstat(self._file.fileno()).st_size and not self._is_torn_header():
            raise InputError("this is no journal of a probe", where=str(self.path), help="remove the file")
        self._file.seek(good)
        self._file.truncate()
        if good == 0:
            self._write({"format": _FORMAT, "probe": probe})

    def _is_torn_header(self) -> bool:
        assert self._file is not None
        self._file.seek(0)
        return b"\n" not in self._file.read(4096)

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: str) -> Any:
        """The answer under a key, or None."""
        return self._held.get(key)

    def add(self, answers: Mapping[str, Any]) -> None:
        """Keep answers, all or none. Raises OSError."""
        self._held |= answers
        if self._file is not None:
            self._write(dict(answers))

    def _write(self, value: dict[str, Any]) -> None:
        assert self._file is not None
        body = strict_json.dumps(value)
        self._file.write(hashlib.sha256(body).hexdigest()[:16].encode() + b" " + body + b"\n")
        self._file.flush()
        os.fdatasync(self._file.fileno())

    def close(self) -> None:
        """Close the file; it stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """The answers are in the report now."""
        self.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _entry(line: bytes) -> dict[str, Any] | None:
    checksum, _, body = line.partition(b" ")
    body = body.removesuffix(b"\n")
    if not line.endswith(b"\n") or hashlib.sha256(body).hexdigest()[:16].encode() != checksum:
        return None
    entry = strict_json.loads(body, what="a line of the journal")
    return entry if isinstance(entry, dict) else None
