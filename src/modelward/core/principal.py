"""Who acts: a principal (a name with keys) and the person or machine behind it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A named actor. Two principals of one `person` count once wherever people are counted."""

    name: str
    person: str
    roles: frozenset[str] = frozenset()
