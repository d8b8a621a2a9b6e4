"""Terminal manners: the answer goes to stdout, everything else to stderr; untrusted text is escaped.

Lower case, no full stop, no emoji, the same text with and without a terminal.
"""

from __future__ import annotations

import sys
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import ModelwardError
from modelward.core.escape import escape


class ReaderGone(Exception):
    """Nobody reads the answer any more: the other end of the pipe was closed."""


def answer(text: str) -> None:
    """Print a line (or lines) of the answer. Raises ReaderGone."""
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
    except BrokenPipeError:
        raise ReaderGone from None  # click would end the program with 1, which is an answer


def answer_json(value: Any) -> None:
    """Print one JSON object as the answer."""
    answer(strict_json.dumps(value).decode("utf-8"))


def note(text: str) -> None:
    """Tell the user something that is not the answer."""
    sys.stderr.write(text + "\n")


def error(problem: ModelwardError) -> None:
    """Print an error with its place and its remedy."""
    where = f"{escape(problem.where)}: " if problem.where else ""
    message = "\n  ".join(escape(line, limit=4000) for line in problem.message.splitlines())
    note(f"error: {where}{message}")
    if problem.help:
        note(f"help: {escape(problem.help, limit=4000)}")
