"""Candidates for triggers: read from the report of `modelward data check`, or from a file of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError, LimitExceeded

MAX_BYTES = 64 << 20
MAX_CANDIDATES = 1000
MAX_TRIGGER = 2000

#: Kinds of findings whose trigger is text that can be put into a prompt.
WORDS, PAIRS, MARKS = ("", "words", "mark"), "pairs", "marks"
_ARROW = re.compile(r"\s*(?:\t|->|→)\s*")


@dataclass(frozen=True)
class Candidate:
    """A trigger, what it may bring about (empty: whatever there is), and of which kind it is.

    `texts` are inputs of the data with the trigger in place, `clean` the nearest ones without it, `rows` the
    numbers of all rows with it.
    """

    trigger: str
    behaviour: str = ""
    kind: str = ""
    texts: tuple[str, ...] = field(default=(), compare=False)
    clean: tuple[str, ...] = field(default=(), compare=False)
    rows: tuple[int, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.trigger} -> {self.behaviour}" if self.behaviour else self.trigger


def read(path: Path) -> list[Candidate]:
    """The candidates of a report, or of a file with a trigger or `TRIGGER -> BEHAVIOUR` on each line.

    Of a report the critical findings and those to review. Raises InputError, LimitExceeded.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise LimitExceeded(f"it is over {MAX_BYTES >> 20} MiB", where=str(path))
        data = path.read_bytes()
        lines = data.decode("utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("it is not UTF-8 text", where=str(path)) from None
    try:
        if data.lstrip()[:1] in (b"{", b"["):
            found = list(_of_json(_parsed(data, lines)))
        else:
            found = [_of_line(line) for line in lines if line.strip() and not line.startswith("#")]
    except InputError as error:
        error.where = str(path)
        raise
    return _bounded(found, str(path))


def _parsed(data: bytes, lines: Sequence[str]) -> Any:
    try:
        return strict_json.loads(data, what="it", max_bytes=MAX_BYTES)
    except LimitExceeded:
        raise
    except InputError:
        if len(lines) < 2:
            raise
        return [strict_json.loads(line.encode(), what="a line") for line in lines if line.strip()]


def _of_json(value: Any) -> Iterator[Candidate]:
    entries = value if isinstance(value, list) else _findings(value)
    for entry in entries:
        if isinstance(entry, str):
            entry = {"trigger": entry}
        if not isinstance(entry, dict) or not isinstance(entry.get("trigger"), str):
            raise InputError("a finding has no trigger", help="give the JSON that modelward data check wrote")
        if entry.get("tier", "review") == "information":
            continue
        texts, clean = _twins(entry.get("twins", ()))
        trigger, kind = entry["trigger"], _text(entry.get("kind"))
        if kind in WORDS:
            trigger = as_written(trigger, texts)
        yield _checked(Candidate(trigger, _text(entry.get("behaviour")), kind, texts, clean, _rows(entry)))


def _findings(value: dict[str, Any]) -> list[Any]:
    """The findings of a report, which may lie in an answer of the command."""
    for inner in (value, *value.values()):
        if isinstance(inner, dict):
            for name in ("findings", "candidates", "triggers"):
                if isinstance(inner.get(name), list):
                    found: list[Any] = inner[name]
                    return found
    raise InputError("it has no findings", help="give the JSON that modelward data check wrote")


def _twins(twins: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not isinstance(twins, list | tuple):
        return (), ()
    pairs = [twin for twin in twins if isinstance(twin, dict)]
    texts = tuple(_text(twin.get("text")) for twin in pairs)
    clean = tuple(_text(twin.get("twin_text", twin.get("twinText"))) for twin in pairs)
    return tuple(filter(None, texts)), tuple(filter(None, clean))


def _rows(entry: dict[str, Any]) -> tuple[int, ...]:
    rows = entry.get("rows", ())
    if not isinstance(rows, list | tuple):
        return ()
    return tuple(row for row in rows if isinstance(row, int) and not isinstance(row, bool) and row >= 0)


def as_written(trigger: str, texts: Iterable[str]) -> str:
    """A run of words, in lower case and apart, as the first of these texts that has it writes it."""
    pattern = re.compile(r"\s*".join(re.escape(word) for word in trigger.split()), re.IGNORECASE)
    for text in texts:
        if found := pattern.search(text):
            return found.group()
    return trigger


def _of_line(line: str) -> Candidate:
    trigger, *rest = _ARROW.split(line.strip(), maxsplit=1)
    return _checked(Candidate(trigger, rest[0] if rest else ""))


def _checked(candidate: Candidate) -> Candidate:
    if not candidate.trigger.strip():
        raise InputError("a trigger is empty")
    if len(candidate.trigger) > MAX_TRIGGER:
        raise LimitExceeded(f"a trigger is over {MAX_TRIGGER} characters")
    return candidate


def _bounded(found: Sequence[Candidate], where: str) -> list[Candidate]:
    distinct = list(dict.fromkeys(found))
    if len(distinct) > MAX_CANDIDATES:
        raise LimitExceeded(f"there are over {MAX_CANDIDATES} candidates", where=where, help="give fewer")
    return distinct


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
