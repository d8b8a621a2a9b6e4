"""A progress bar for whatever takes over a second: on stderr, only on a terminal, gone when done."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from modelward.core.escape import escape
from modelward.core.progress import Progress, Silent

#: Seconds before a bar appears.
DELAY = 1.0


def progress(label: str) -> Progress:
    """What to hand to work named `label`: a bar, or nothing where nobody would see it."""
    return Bar(label) if sys.stderr.isatty() else Silent()


class Bar:
    """A bar over bytes, in the `Progress` protocol. tqdm is imported when it first shows."""

    def __init__(self, label: str) -> None:
        self._label = escape(label, limit=40)
        self._lock = threading.Lock()
        self._total = 0
        self._count = 0
        self._due = 0.0
        self._bar: Any = None

    def start(self, total_bytes: int) -> None:
        """Begin to count towards `total_bytes`."""
        self._total = total_bytes
        self._count = 0
        self._due = time.monotonic() + DELAY

    def advance(self, n: int) -> None:
        """Count `n` bytes, and show the bar once it is due."""
        with self._lock:
            self._count += n
            if self._bar is not None:
                self._bar.update(n)
            elif time.monotonic() >= self._due:
                self._bar = self._show()

    def done(self) -> None:
        """Take the bar away."""
        with self._lock:
            if self._bar is not None:
                self._bar.close()
                self._bar = None

    def _show(self) -> Any:
        from tqdm import tqdm

        tqdm.monitor_interval = 0  # no thread that watches the bar
        return tqdm(
            desc=self._label,
            total=self._total,
            initial=self._count,
            unit="B",
            unit_scale=True,
            unit_divisor=1024,
            leave=False,
            file=sys.stderr,
        )
