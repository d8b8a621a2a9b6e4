"""A model that answers as it is told: for tests of what is done with answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from modelward.probe.journal import Journal
from modelward.probe.models.model import Model
from modelward.probe.session import Session


class Scripted(Model):
    """Answers by a function of the prompt; `asked` counts the prompts."""

    def __init__(self, answer: Callable[[str], Any], labels: tuple[str, ...] = (), name: str = "it") -> None:
        self.answer, self.labels, self.name, self.asked = answer, labels, name, 0

    def ask(self, prompts: Sequence[str]) -> list[Any]:
        self.asked += len(prompts)
        return [self.answer(prompt) for prompt in prompts]


def session(answer: Callable[[str], Any], labels: tuple[str, ...] = (), role: str = "tuned") -> Session:
    return Session(Scripted(answer, labels), Journal(None, ""), role)
