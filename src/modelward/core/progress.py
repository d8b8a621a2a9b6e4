"""How long work tells what it has done, without knowing who shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of bytes done. Every method may be called from any thread."""

    def start(self, total_bytes: int) -> None:
        """Work on `total_bytes` begins."""

    def advance(self, n: int) -> None:
        """`n` more bytes are done."""

    def done(self) -> None:
        """The work is over, whether it succeeded or not."""


class Silent:
    """Progress that nobody watches."""

    def start(self, total_bytes: int) -> None:
        """Say nothing."""

    def advance(self, n: int) -> None:
        """Say nothing."""

    def done(self) -> None:
        """Say nothing."""
