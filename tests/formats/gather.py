"""The facts that a reader gives, by their kind."""

from __future__ import annotations

from collections.abc import Iterable


def kinds(facts: Iterable[object]) -> list[str]:
    """The names of the facts' types, in order."""
    return [type(fact).__name__ for fact in facts]
