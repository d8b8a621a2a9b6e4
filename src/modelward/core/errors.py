"""The errors modelward raises.

Each carries the exit code its command ends with (DESIGN section 6):
1 = looked, and the answer is no; 2 = could not tell.
"""

from __future__ import annotations

EXIT_YES = 0
EXIT_NO = 1
EXIT_CANNOT_TELL = 2
EXIT_INTERRUPTED = 130


class ModelwardError(Exception):
    """Something a user can act on: what is wrong, where, and what to do.

    `where` names the file, row, byte or statement; `help` says the remedy.
    """

    exit_code = EXIT_CANNOT_TELL

    def __init__(self, message: str, *, where: str | None = None, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.help = help

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InputError(ModelwardError):
    """The input is malformed, odd, unreadable or missing: no answer is possible."""


class LimitExceeded(InputError):
    """The input passes a bound on size, count, depth or ratio."""


class UsageError(ModelwardError):
    """The command line or configuration asks for something that makes no sense."""


class MissingExtra(ModelwardError):
    """An optional dependency is not installed. The help names the extra."""

    def __init__(self, extra: str, feature: str) -> None:
        super().__init__(f"{feature} needs the extra '{extra}'", help=f"pip install 'modelward[{extra}]'")


class Rejected(ModelwardError):
    """The evidence was examined and the answer is no."""

    exit_code = EXIT_NO


class Stale(ModelwardError):
    """The evidence is genuine but has expired: get newer."""


class Conflict(ModelwardError):
    """Someone else changed the same thing first; nothing was written."""
