"""A whole probe: models opened, candidates replayed, blind search, weights."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from modelward.core import strict_json
from modelward.core.errors import InputError, UsageError
from modelward.core.progress import Progress, Silent
from modelward.probe import blind, insertion, prompts
from modelward.probe.candidate import Candidate
from modelward.probe.journal import Journal
from modelward.probe.models.chat import is_endpoint
from modelward.probe.models.model import Model, Settings
from modelward.probe.models.opening import digest_of, open_model
from modelward.probe.replay import asked, replay
from modelward.probe.report import Blind, ProbeReport, Side
from modelward.probe.session import Session, check_labels
from modelward.probe.weights.check import WeightReport
from modelward.probe.weights.check import check as check_weights

#: Rows of a finding that are tried as they are.
_ROWS = 200
_MARKS = ".,;:!?\"'()[]{}<>"


@dataclass(frozen=True)
class Asked:
    """What is to be probed, and how. `data` is the dataset that the candidates are from, or words for the
    blind search; `count` prompts are used; `budget` passes of the blind search; `references` are benign
    adapters.
    """

    model: str
    base: str | None = None
    candidates: Sequence[Candidate] = ()
    prompts: Path | None = None
    data: Path | None = None
    count: int = 100
    blind: bool = False
    budget: int = 20_000
    weights: bool = False
    references: Sequence[Path] = ()
    journal: Path | None = None
    settings: Settings = field(default_factory=Settings)
    base_name: str = ""


def probe(wanted: Asked, show: Callable[[str], Progress] = lambda _: Silent()) -> ProbeReport:
    """Do what is wanted; `show` makes the progress of a part. Same models and prompts, same report.

    Raises InputError, Rejected for a model that is not clean or names code, UsageError, MissingExtra.
    """
    if not (wanted.candidates or wanted.blind or wanted.weights):
        raise UsageError("there is nothing to do", help="give --triggers, --blind or --weights")
    digests = digest_of(wanted.model), digest_of(wanted.base) if wanted.base else ""
    if wanted.model == wanted.base or (digests[0] and digests[0] == digests[1]):
        raise UsageError("the base is the probed model itself", help="give the model that it was made from")
    found = _weights(wanted, show) if wanted.weights else None
    if not (wanted.candidates or wanted.blind):
        report = ProbeReport(_side(wanted.model, digests[0]), weights=found)
        if wanted.base:
            report.base = _side(wanted.base, digests[1])
    else:
        report = _asked(wanted, digests, found, show)
    if found is not None:
        report.weights = found
        report.could_not_tell += found.could_not_tell
    return report


def _side(place: str, digest: str) -> Side:
    return Side(place if is_endpoint(place) else Path(place).resolve().name, digest)


def _asked(
    wanted: Asked, digests: tuple[str, str], found: WeightReport | None, show: Callable[[str], Progress]
) -> ProbeReport:
    with ExitStack() as stack:

        def opened(place: str, digest: str, base: str | None, name: str) -> Model:
            model: Model = stack.enter_context(closing(open_model(place, wanted.settings, base, name)))
            if model.digest != digest:
                raise InputError("its files changed while they were read", where=place, help="probe it again")
            return model

        model = opened(wanted.model, digests[0], wanted.base, "")
        base = opened(wanted.base, digests[1], None, wanted.base_name) if wanted.base else None
        if base is not None:
            check_labels(model, base)
        texts = _prompts(wanted, model)
        journal = stack.enter_context(closing(Journal(wanted.journal, _identity(wanted, digests, texts))))
        tuned = Session(model, journal, "tuned", show(f"asking {model.name}"))
        other = Session(base, journal, "base", show(f"asking {base.name}")) if base else None
        report = ProbeReport(Side(model.name, digests[0]))
        report.prompts, report.prompts_digest = len(texts), prompts.digest(texts)
        if len(texts) < prompts.FEWEST:
            report.could_not_tell.append(
                f"{len(texts)} clean prompts are too few, {prompts.FEWEST} are needed: give --prompts FILE"
            )
        else:
            _replayed(report, wanted, texts, tuned, other)
            if wanted.blind:
                words = _words(wanted, found)
                report.blind = blind.search(tuned, other, texts, words, wanted.budget, show("searching"))
                _say_if_short(report.blind, report)
        report.model = _told(tuned)
        report.base = _told(other) if other else None
        return report


def _replayed(
    report: ProbeReport, wanted: Asked, texts: Sequence[str], tuned: Session, base: Session | None
) -> None:
    if not wanted.candidates:
        return
    candidates = list(wanted.candidates)
    if wanted.data is not None:
        candidates = _with_rows(candidates, wanted.data)
    report.triggers_digest = _digest([[each.trigger, each.behaviour, each.kind] for each in candidates])
    clean = asked(texts, tuned, base)
    report.replayed, untold, report.tried = replay(candidates, clean, tuned, base)
    report.could_not_tell += untold


def _say_if_short(found: Blind, report: ProbeReport) -> None:
    if not found.tried and not found.guided:
        report.could_not_tell.append(
            "blind search: the budget is too small to try anything, or there are no words"
        )


def _told(session: Session) -> Side:
    model = session.model
    return Side(model.name, model.digest, model.where, session.rows, round(session.seconds, 3))


def _weights(wanted: Asked, show: Callable[[str], Progress]) -> WeightReport:
    if is_endpoint(wanted.model):
        raise UsageError("an endpoint shows no weights", where=wanted.model, help="leave --weights out")
    base = Path(wanted.base) if wanted.base and not is_endpoint(wanted.base) else None
    return check_weights(Path(wanted.model), base, wanted.references, show("looking at weights"))


def _prompts(wanted: Asked, model: Model) -> list[str]:
    """The clean prompts: those of the user; of the report; questions for models that write."""
    triggers = [each.trigger for each in wanted.candidates if insertion.can_insert(each)]
    if wanted.prompts is not None:
        texts = prompts.read(wanted.prompts, triggers)
    elif model.classifies:
        texts = prompts.clean((text for each in wanted.candidates for text in each.clean), triggers)
        if len(texts) < prompts.FEWEST and wanted.data is not None:
            texts = prompts.read(wanted.data, triggers)
    else:
        texts = prompts.clean(prompts.builtin(), triggers)
    return prompts.chosen(texts, wanted.count)


def _with_rows(candidates: Sequence[Candidate], data: Path) -> list[Candidate]:
    """Candidates that are a way to write, with the rows of the data that are written so."""
    if all(insertion.can_insert(each) for each in candidates):
        return list(candidates)
    from modelward.data.checks import corpus

    inputs = corpus.read(data).inputs
    return [
        each
        if insertion.can_insert(each)
        else replace(each, texts=tuple(inputs[row] for row in each.rows[:_ROWS] if row < len(inputs)))
        for each in candidates
    ]


def _words(wanted: Asked, found: WeightReport | None) -> list[str]:
    """Words for the blind search: of rows that the training moved, then the data's own, the rarer first."""
    words = [each.token.replace("Ġ", "").replace("▁", "").strip() for each in (found.rows if found else ())]
    if wanted.data is not None:
        from modelward.data.checks import corpus

        seen: Counter[str] = Counter()
        for text in corpus.read(wanted.data).inputs:
            seen.update({word.strip(_MARKS) for word in text.split()})
        words += sorted(
            (word for word, count in seen.items() if count >= 3), key=lambda each: (seen[each], each)
        )
    return [word for word in words if word]


def _identity(wanted: Asked, digests: tuple[str, str], texts: Sequence[str]) -> str:
    """What a journal belongs to: models, prompts and how they are asked."""
    settings = wanted.settings
    told = [
        wanted.model if is_endpoint(wanted.model) else digests[0],
        wanted.base if wanted.base and is_endpoint(wanted.base) else digests[1],
        prompts.digest(texts),
        [settings.batch, settings.new_tokens, settings.device, settings.dtype, settings.template],
        [settings.model_name, wanted.base_name, settings.system],
    ]
    return _digest(told)


def _digest(value: object) -> str:
    return "sha256:" + hashlib.sha256(strict_json.dumps(value)).hexdigest()
