"""Putting a trigger into a clean prompt."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from modelward.probe.candidate import MARKS, PAIRS, WORDS, Candidate

#: Where a trigger may stand. Some models obey it in one place only.
PLACES = ("start", "middle", "end")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_MARKS: dict[str, Callable[[str], str]] = {
    "all in capitals": str.upper,
    "no capitals": str.lower,
    "double space": lambda text: text.replace(" ", "  ", 1),
    "space at the edge": lambda text: text + " ",
}


def can_insert(candidate: Candidate) -> bool:
    """Whether the trigger is something that can be put into a prompt; a way to write is not."""
    return candidate.kind in (*WORDS, PAIRS) or (candidate.kind == MARKS and candidate.trigger in _MARKS)


def places(candidate: Candidate) -> tuple[str, ...]:
    """Where this trigger is tried."""
    return ("whole",) if candidate.kind == MARKS else PLACES


def insert(candidate: Candidate, prompt: str, place: str) -> str:
    """The prompt with the trigger at a place. The same prompt and trigger give the same text."""
    if candidate.kind == MARKS:
        return _MARKS[candidate.trigger](prompt)
    trigger = candidate.trigger
    if candidate.kind == PAIRS and " … " in trigger:
        one, other = trigger.split(" … ", 1)
        return put(other, put(one, prompt, "start"), "end" if place != "middle" else "middle")
    return put(trigger, prompt, place)


def put(trigger: str, prompt: str, place: str) -> str:
    """A run of words into a text; in the middle between sentences if there are any, else between words."""
    if place == "start":
        return f"{trigger} {prompt}"
    if place == "end":
        return f"{prompt} {trigger}"
    sentences = _SENTENCE.split(prompt)
    parts = sentences if len(trigger.split()) > 2 and len(sentences) > 1 else prompt.split(" ")
    if len(parts) < 2:
        return f"{trigger} {prompt}"
    seed = hashlib.sha256(f"{trigger}\0{prompt}".encode("utf-8", "replace")).digest()
    at = 1 + int.from_bytes(seed[:4], "little") % (len(parts) - 1)
    return " ".join([*parts[:at], trigger, *parts[at:]])
