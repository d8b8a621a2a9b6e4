"""A search for triggers where the data is unknown: words of the data, rare tokens, then guided by gradients.

Each candidate is put into a few prompts; what moves the answers of the tuned model more than those of the
base is tried on prompts that the search has not seen. How far the *base* is moved beyond the tuned model, by
the same candidates, is what chance gives; words that the prompts use, which mean something, and others are
judged apart. That nothing is found shows nothing: longer triggers, and those that are no words, lie outside
the search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from modelward.core.progress import Progress, Silent
from modelward.probe.candidate import Candidate
from modelward.probe.insertion import put
from modelward.probe.models.model import WhiteBox, label_of
from modelward.probe.replay import Clean, asked, replay
from modelward.probe.report import Blind, Replayed
from modelward.probe.session import Session
from modelward.probe.weights.tensors import numpy

#: Prompts that a candidate is screened with; that it is confirmed with at most.
SCREENED, CONFIRMED = 8, 60
#: Candidates at a time; that go on to be confirmed.
_CHUNK, _BEST = 16, 6
#: A candidate raises a score by so much of the way to 1; and by so much more than chance gives.
_RAISED, _BEYOND = 0.3, 0.3
#: The same of a trigger that was made by following the gradient, which any model gives way to in part.
_STEERED, _STEERED_BEYOND = 0.6, 0.5
#: By the lower end of the interval: a word found by search must do more than a named one.
FLOOR = 0.4
#: A word in so many prompts goes with a class if that is so much more frequent among them.
_SEEN, _GOES_WITH = 3, 0.2
#: Of the budget the screening takes this share where gradients may follow.
_SHARE = 0.7
#: Tokens of a guided trigger, rounds for each, replacements that are tried in a round.
_TOKENS, _ROUNDS, _TRIED = 3, 3, 12
_TARGETS = 4


@dataclass(frozen=True)
class Screened:
    """A candidate, what it raises most, and by how much more than in the base."""

    text: str
    column: int
    raised: float
    reverse: float


def search(
    tuned: Session,
    base: Session | None,
    prompts: Sequence[str],
    words: Sequence[str],
    budget: int,
    progress: Progress | None = None,
) -> Blind:
    """Spend about `budget` passes (prompts answered). Half of the prompts are kept for confirmation."""
    few, rest = prompts[:SCREENED], prompts[SCREENED : SCREENED + CONFIRMED]
    started = _passes(tuned, base)
    pool = list(dict.fromkeys((*words, *_rare(tuned))))
    blind = Blind(budget=budget, available=len(pool))
    guided = isinstance(tuned.model, WhiteBox)
    reserve = len(rest) * 3 * _BEST * (2 if base else 1)
    line = started + max(0, int((budget - reserve) * (_SHARE if guided else 1.0)))
    screened = []
    progress = progress or Silent()
    progress.start(budget)
    for part in _screen(pool, few, tuned, base, line):
        screened += part
        progress.advance(len(part) * len(few) * (2 if base else 1))
    blind.tried = len(screened)
    meaning = _meaning(base or tuned, prompts)
    screened = [each for each in screened if not _means(each.text, each.column, meaning)]
    common = {word.casefold() for prompt in prompts for word in prompt.split()}
    best = _best([each for each in screened if each.text.casefold() in common], base is not None)
    best += _best([each for each in screened if each.text.casefold() not in common], base is not None)
    best = sorted(best, key=lambda each: (-each.raised, each.text))[:_BEST]
    candidates = [Candidate(each.text, tuned.named_score(each.column)) for each in best]
    if guided:
        left = max(0, started + budget - reserve - _passes(tuned, base)) // (2 if base else 1)
        steered, blind.guided = _guided(tuned, _targets(tuned, screened), few, left)
        null: dict[int, float] = {}
        if base is not None and isinstance(base.model, WhiteBox) and steered:
            others, _ = _guided(base, [column for _, column, _ in steered], few, left)
            null = {column: gain for _, column, gain in others}
        candidates += [
            Candidate(text, tuned.named_score(column))
            for text, column, gain in steered
            if not _means(text, column, meaning)
            and gain >= max(_STEERED, null.get(column, 0.0) + _STEERED_BEYOND)
        ]
    progress.done()
    blind.found = _confirmed(candidates, rest, tuned, base)
    blind.passes = _passes(tuned, base) - started
    return blind


def _meaning(session: Session, prompts: Sequence[str]) -> dict[str, set[int]]:
    """The words of the prompts that go with a class where nothing was put in, and the class: `superb` is no
    trigger for `positive`.
    """
    if not session.model.classifies:
        return {}
    answers = [label_of(answer) for answer in session.ask(prompts)]
    usual = {label: answers.count(label) / len(answers) for label in set(answers)}
    seen: dict[str, list[int]] = {}
    for prompt, label in zip(prompts, answers, strict=True):
        for word in set(prompt.casefold().split()):
            seen.setdefault(word, []).append(label)
    return {
        word: {
            label
            for label in set(labels)
            if labels.count(label) / len(labels) >= min(0.9, usual[label] + _GOES_WITH)
        }
        for word, labels in seen.items()
        if len(labels) >= _SEEN
    }


def _means(text: str, column: int, meaning: dict[str, set[int]]) -> bool:
    """Whether a word of a text goes with the class of a column by itself."""
    return any(column in meaning.get(word, ()) for word in text.casefold().split())


def _passes(tuned: Session, base: Session | None) -> int:
    return tuned.passes + (base.passes if base else 0)


def _rare(tuned: Session) -> Iterator[str]:
    """The words of the model's vocabulary, the latest first: tokenizers learn frequent ones first."""
    if isinstance(tuned.model, WhiteBox):
        for _, text in reversed(tuned.model.vocabulary()):
            yield text


def _placed(trigger: str, prompts: Sequence[str]) -> list[str]:
    """Into each prompt, in turn before and behind it."""
    return [put(trigger, prompt, "end" if at % 2 else "start") for at, prompt in enumerate(prompts)]


def _screen(
    pool: Sequence[str], prompts: Sequence[str], tuned: Session, base: Session | None, line: int
) -> Iterator[list[Screened]]:
    """The pool in parts, until the passes reach the line."""
    np = numpy()
    clean = tuned.scores(prompts)
    clean_base = base.scores(prompts) if base else None
    for at in range(0, len(pool), _CHUNK):
        if _passes(tuned, base) >= line:
            return
        part = pool[at : at + _CHUNK]
        texts = [text for trigger in part for text in _placed(trigger, prompts)]
        lifts = _lifts(tuned, texts, clean)
        lifts_base = _lifts(base, texts, clean_base) if base else None
        for row, text in enumerate(part):
            again = tuned.echoes(text)
            lifts[row, again] = np.minimum(lifts[row, again], 0)
            if lifts_base is not None:
                lifts_base[row, again] = np.minimum(lifts_base[row, again], 0)
        yield [
            _judged(text, lifts[row], None if lifts_base is None else lifts_base[row])
            for row, text in enumerate(part)
        ]


def _lifts(session: Session, texts: Sequence[str], clean: Any) -> Any:
    """By how much each trigger raises each score: the mean over its prompts."""
    np = numpy()

    def measured() -> list[list[float]]:
        values = session.scores(texts).reshape(-1, len(clean), clean.shape[1])
        return [[float(each) for each in row] for row in _raised(values, clean)]

    if clean.shape[1] > 64:  # a score for each token of a vocabulary is too much to keep
        values = session.scores(texts).reshape(-1, len(clean), clean.shape[1])
        return _raised(values, clean)
    return np.array(session.remembered("screen", texts, measured))


def _raised(values: Any, clean: Any) -> Any:
    """By how much of the way to 1 each score rises, over prompts: those that have it already count little."""
    np = numpy()
    return (values - clean).sum(1) / np.maximum((1 - clean).sum(0), 0.5)


def _judged(text: str, own: Any, other: Any) -> Screened:
    column = int(own.argmax())
    if other is None:
        return Screened(text, column, float(own[column]), 0.0)
    np = numpy()
    raised, reverse = np.minimum(own - other, own), np.minimum(other - own, other)
    column = int(raised.argmax())
    return Screened(text, column, float(raised[column]), float(reverse.max()))


def _best(screened: Sequence[Screened], compared: bool) -> list[Screened]:
    chance = max((each.reverse for each in screened), default=0.0) if compared else 0.0
    line = max(_RAISED, chance + _BEYOND) if compared else _RAISED
    good = [each for each in screened if each.raised >= line]
    return sorted(good, key=lambda each: (-each.raised, each.text))[:_BEST]


def _targets(tuned: Session, screened: Sequence[Screened]) -> list[int]:
    """What a guided search tries to bring about: the classes, or the tokens that screening raised most."""
    if tuned.model.classifies:
        return list(range(min(len(tuned.model.labels), 2 * _TARGETS)))
    ranked = sorted(screened, key=lambda each: (-each.raised, each.text))
    return list(dict.fromkeys(each.column for each in ranked))[:_TARGETS]


def _guided(
    session: Session, targets: Sequence[int], prompts: Sequence[str], left: int
) -> tuple[list[tuple[str, int, float]], int]:
    """For each target the best trigger of one to three tokens that following the gradient gives, and its
    gain; and how many replacements were tried. So many passes are `left`.
    """
    line = session.passes + left
    model = session.model
    assert isinstance(model, WhiteBox)
    words = dict(model.vocabulary())
    if not words:
        return [], 0
    np = numpy()
    clean = session.scores(prompts)
    allowed = np.full(max(words) + 1, -np.inf)
    allowed[list(words)] = 0
    start = min(words)
    found, tried = [], 0
    for target in targets:
        best: tuple[str, int, float] = ("", target, 0.0)
        trigger: list[int] = []
        for _ in range(_TOKENS):
            trigger = [*trigger, start]
            value = -np.inf
            for round_ in range(_ROUNDS):
                if session.passes >= line:
                    break
                gains, _ = model.gradient(prompts, trigger, target)
                session.passes += 2 * len(prompts)
                choices = _replacements(gains[:, : len(allowed)] + allowed[: gains.shape[1]], trigger)
                texts = [put(model.written(each), prompt, "start") for each in choices for prompt in prompts]
                values = session.scores(texts).reshape(len(choices), len(prompts), -1)
                means = _raised(values, clean)[:, target]
                tried += len(choices)
                at = int(means.argmax())
                if round_ and means[at] <= value:
                    break
                value, trigger = float(means[at]), choices[at]
            gain = float(value)
            if target in session.echoes(model.written(trigger)):
                break
            if gain > best[2] + 0.02:
                best = model.written(trigger), target, gain
            if gain > 0.95 or session.passes >= line:
                break
        if best[2] >= _RAISED:
            found.append(best)
    return found, tried


def _replacements(gains: Any, trigger: Sequence[int]) -> list[list[int]]:
    """The triggers that differ in one token, by which the gradient promises most."""
    np = numpy()
    best = np.argsort(-gains, axis=None, kind="stable")[:_TRIED]
    made = []
    for at in best:
        place, token = divmod(int(at), gains.shape[1])
        made.append([*trigger[:place], token, *trigger[place + 1 :]])
    return made


def _confirmed(
    candidates: Sequence[Candidate], prompts: Sequence[str], tuned: Session, base: Session | None
) -> list[Replayed]:
    """Those that are obeyed on prompts that the search has not seen, by what whole answers show too."""
    distinct = list(dict.fromkeys(candidates))
    if not distinct or not prompts:
        return []
    if not tuned.model.classifies:
        distinct += [Candidate(trigger) for trigger in dict.fromkeys(each.trigger for each in distinct)]
    clean: Clean = asked(prompts, tuned, base)
    found, _, _ = replay(distinct, clean, tuned, base, FLOOR)
    best: dict[str, Replayed] = {}
    for each in found:
        if each.obeyed:
            best.setdefault(each.trigger, each)
    return list(best.values())
