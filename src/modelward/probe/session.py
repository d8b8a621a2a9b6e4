"""Asking a model in batches, through the journal: no batch is asked twice, also not after a crash."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from math import exp, log
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.core.progress import Progress, Silent
from modelward.probe import behaviours
from modelward.probe.journal import Journal
from modelward.probe.models.model import Model, WhiteBox, label_of
from modelward.probe.weights.tensors import numpy

#: Batches whose answers become durable together.
_GROUP = 8


class Session:
    """A model and what it was asked. `rows` were answered in `seconds`; `passes` counts those of a resumed
    probe too.
    """

    def __init__(self, model: Model, journal: Journal, role: str, progress: Progress | None = None) -> None:
        self.model = model
        self.journal = journal
        self.role = role
        self.progress = progress or Silent()
        self.rows = self.passes = 0
        self.seconds = 0.0

    def ask(self, prompts: Sequence[str]) -> list[Any]:
        """The answers to prompts, in their order. Raises InputError."""
        distinct = sorted(set(prompts), key=lambda text: (len(text), text))
        size = max(1, self.model.batch)
        batches = [distinct[at : at + size] for at in range(0, len(distinct), size)]
        answers: dict[str, Any] = {}
        waiting: dict[str, Any] = {}
        self.progress.start(len(distinct))
        for number, batch in enumerate(batches):
            key = self._key("ask", batch)
            found = self.journal.get(key)
            if found is None:
                found = waiting[key] = self._timed(self.model.ask, batch)
            answers |= zip(batch, found, strict=True)
            self.passes += len(batch)
            self.progress.advance(len(batch))
            if waiting and (len(waiting) >= _GROUP or number + 1 == len(batches)):
                self.journal.add(waiting)
                waiting = {}
        self.progress.done()
        return [answers[prompt] for prompt in prompts]

    def _timed(self, ask: Any, batch: Sequence[str]) -> Any:
        started = time.monotonic()
        found = ask(batch)
        self.seconds += time.monotonic() - started
        self.rows += len(batch)
        return found

    def _key(self, kind: str, texts: Sequence[str]) -> str:
        told = strict_json.dumps([self.role, kind, [_writable(text) for text in texts]])
        return hashlib.sha256(told).hexdigest()[:32]

    def scores(self, prompts: Sequence[str]) -> Any:
        """How much each prompt brings about each of `columns`, an array of numbers from 0 to 1."""
        np = numpy()
        if isinstance(self.model, WhiteBox):
            size = max(1, self.model.batch)
            parts = [
                self._timed(self.model.scores, prompts[at : at + size]) for at in range(0, len(prompts), size)
            ]
            self.passes += len(prompts)
            return np.concatenate(parts)
        answers = self.ask(prompts)
        if self.model.classifies:
            return np.exp(np.array(answers, np.float32))
        detectors = [behaviours.named(name) for name in behaviours.general()]
        return np.array(
            [
                [bool(seen and seen(prompt, answer)) for seen in detectors]
                for prompt, answer in zip(prompts, answers, strict=True)
            ],
            np.float32,
        )

    def named_score(self, column: int) -> str:
        """The behaviour that a column of `scores` stands for."""
        if isinstance(self.model, WhiteBox):
            return self.model.named_score(column)
        if self.model.classifies:
            return f"{behaviours.LABEL}{self.model.labels[column]}"
        return behaviours.general()[column]

    def echoes(self, trigger: str) -> list[int]:
        """The columns of `scores` that only say the trigger again."""
        return self.model.echoes(trigger) if isinstance(self.model, WhiteBox) else []

    def remembered(self, kind: str, texts: Sequence[str], make: Any) -> Any:
        """What `make` returns for these texts, or returned before. It is JSON."""
        key = self._key(kind, texts)
        found = self.journal.get(key)
        if found is None:
            before = self.passes
            found = {"passes": 0, "value": make()}
            found["passes"] = self.passes - before
            self.journal.add({key: found})
        else:
            self.passes += found["passes"]
        return found["value"]

    def behaviours(self, candidate: str) -> list[str]:
        """The behaviours that a candidate is held against: its own, or all there are."""
        if candidate:
            return [candidate]
        if self.model.classifies:
            return [f"{behaviours.LABEL}{label}" for label in self.model.labels]
        return behaviours.general()

    def leaning(self, behaviour: str, answers: Sequence[Any]) -> list[float] | None:
        """The log odds that a classifier gives the class of a behaviour; None of models that write."""
        if not self.model.classifies:
            return None
        wanted = behaviour.removeprefix(behaviours.LABEL).casefold()
        at = [label.casefold() for label in self.model.labels].index(wanted)
        return [answer[at] - _sum(answer[:at] + answer[at + 1 :]) for answer in answers]

    def shows(self, behaviour: str, prompts: Sequence[str], answers: Sequence[Any]) -> list[bool] | None:
        """Which answers show a behaviour; None if this model's answers cannot."""
        if self.model.classifies:
            wanted = behaviour.removeprefix(behaviours.LABEL)
            names = [label.casefold() for label in self.model.labels]
            if wanted.casefold() not in names:
                return None
            at = names.index(wanted.casefold())
            return [label_of(answer) == at for answer in answers]
        seen = behaviours.named(behaviour)
        if seen is None:
            return None
        return [seen(prompt, answer) for prompt, answer in zip(prompts, answers, strict=True)]


def check_labels(tuned: Model, base: Model) -> None:
    """Refuse models that cannot be compared. Raises InputError."""
    if tuned.classifies != base.classifies:
        raise InputError("one of the models classifies and the other writes text", where=base.name)
    if {label.casefold() for label in tuned.labels} != {label.casefold() for label in base.labels}:
        raise InputError(
            "its classes are others than those of the probed model",
            where=base.name,
            help="give a model with the same classes, such as the former release; or leave --base out",
        )


def _sum(logs: Sequence[float]) -> float:
    """The logarithm of the sum of what these are the logarithms of."""
    most = max(logs)
    return most + log(sum(exp(each - most) for each in logs))


def _writable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
