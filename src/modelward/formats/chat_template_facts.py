"""What is found in a chat template."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TemplateEscape:
    """An expression of a chat template that reaches out of the conversation. `line` counts from 1."""

    where: str
    line: int
    expression: str
    what: str


@dataclass(frozen=True, slots=True)
class TemplateSwap:
    """A chat template makes the prompt depend on what was said, or sends what was said away."""

    where: str
    line: int
    expression: str
    what: str


@dataclass(frozen=True, slots=True)
class TemplateUnread:
    """A chat template that could not be read."""

    where: str
    reason: str
