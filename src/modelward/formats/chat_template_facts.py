"""What is found in a chat template."""

from __future__ import annotations

from msgspec import Struct


class TemplateEscape(Struct, frozen=True):
    """An expression of a chat template that reaches out of the conversation. `line` counts from 1."""

    where: str
    line: int
    expression: str
    what: str


class TemplateSwap(Struct, frozen=True):
    """A chat template makes the prompt depend on what was said, or sends what was said away."""

    where: str
    line: int
    expression: str
    what: str


class TemplateUnread(Struct, frozen=True):
    """A chat template that could not be read."""

    where: str
    reason: str
