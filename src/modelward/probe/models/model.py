"""A model as the probe sees it: prompts in, answers out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """How models are asked. `device` and `dtype` empty: a GPU in bf16 if there is one, else float32.

    `template` has `{prompt}` in it; without one a model's own chat template is used, if it has any.
    """

    batch: int = 0
    new_tokens: int = 64
    device: str = ""
    dtype: str = ""
    template: str = ""
    model_name: str = ""
    system: str = ""
    timeout: float = 60.0
    attempts: int = 4
    per_second: float = 0.0
    key_variable: str = "MODELWARD_PROBE_KEY"


class Model(ABC):
    """Something that answers prompts: a classifier if it has `labels`, else it writes text.

    `digest` names its bytes, empty for an endpoint; `name` is for people. `rows` were answered in `seconds`.
    """

    name: str
    digest: str = ""
    labels: tuple[str, ...] = ()
    batch: int = 32

    @property
    def classifies(self) -> bool:
        """Whether answers are log probabilities of `labels`, in their order."""
        return bool(self.labels)

    @property
    def where(self) -> str:
        """What computes the answers."""
        return "cpu"

    @abstractmethod
    def ask(self, prompts: Sequence[str]) -> list[Any]:
        """The answers to a batch: log probabilities of the classes, else texts. Raises InputError."""

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Let go of what it holds."""


class WhiteBox(Model):
    """A model whose vocabulary is known, and of which more can be asked than answers."""

    @abstractmethod
    def vocabulary(self) -> list[tuple[int, str]]:
        """The tokens that are a word by themselves, with their ids."""

    @abstractmethod
    def scores(self, prompts: Sequence[str]) -> Any:
        """Probabilities, a row for each prompt: of the classes, or of each token as the next one."""

    def echoes(self, trigger: str) -> list[int]:
        """The columns of `scores` that only say the trigger again."""
        return []

    def named_score(self, column: int) -> str:
        """The behaviour that a column of `scores` stands for."""
        return f"label {self.labels[column]}"

    @abstractmethod
    def gradient(self, prompts: Sequence[str], trigger: Sequence[int], column: int) -> tuple[Any, float]:
        """How replacing each token of a trigger before the prompts by another would change, to first order,
        the mean log score of a column: an array (tokens of the trigger, vocabulary); and that mean.
        """

    @abstractmethod
    def written(self, trigger: Sequence[int]) -> str:
        """A trigger as text."""


def label_of(answer: Sequence[float]) -> int:
    """The class that a classifier says."""
    return max(range(len(answer)), key=lambda at: answer[at])
