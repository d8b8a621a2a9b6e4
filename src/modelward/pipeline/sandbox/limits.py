"""Resource limits of a step, `--limit NAME=AMOUNT`."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterable
from dataclasses import dataclass, field

from modelward.core.errors import UsageError

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}

#: Name -> number of `resource`, what it bounds. All are of one process, except `processes` (of the user).
_RESOURCES = {
    "memory": resource.RLIMIT_AS,
    "cpu": resource.RLIMIT_CPU,
    "file-size": resource.RLIMIT_FSIZE,
    "open-files": resource.RLIMIT_NOFILE,
    "processes": resource.RLIMIT_NPROC,
}
_IN_SECONDS = ("cpu", "time")
NAMES = (*_RESOURCES, "time")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds by name, in bytes, seconds or a number. `time` is wall-clock seconds for the whole step."""

    amounts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, given: Iterable[str]) -> Limits:
        """Read `memory=16G`, `time=2h`, `processes=200`. Raises UsageError."""
        amounts: dict[str, int] = {}
        for text in given:
            name, _, amount = text.partition("=")
            if name not in NAMES:
                raise UsageError(f"no limit is called {name!r}", help=f"there are: {', '.join(NAMES)}")
            units = _SECONDS if name in _IN_SECONDS else _UNITS
            match = re.fullmatch(r"([1-9][0-9]{0,14})([a-z]?)", amount.lower())
            if not match or match[2] not in units:
                shown = "30m, 2h or seconds" if name in _IN_SECONDS else "a number, or 512M, 16G"
                raise UsageError(
                    f"not an amount for the limit {name}: {amount!r}", help=f"for example {shown}"
                )
            if name in amounts:
                raise UsageError(f"the limit {name} is given twice", help="give each once")
            amounts[name] = int(match[1]) * units[match[2]]
        return cls(amounts)

    @property
    def resources(self) -> dict[int, int]:
        """For `resource.setrlimit`."""
        return {_RESOURCES[name]: amount for name, amount in self.amounts.items() if name in _RESOURCES}

    @property
    def seconds(self) -> int | None:
        """How long the whole step may take."""
        return self.amounts.get("time")
