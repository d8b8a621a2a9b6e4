"""Running the checks over a batch."""

from __future__ import annotations

from contextlib import nullcontext
from importlib import import_module
from types import ModuleType

from modelward.core.errors import MissingExtra, UsageError
from modelward.data.checks.batch import Batch, Options
from modelward.data.checks.corpus import Corpus
from modelward.data.checks.report import CheckReport, Detector, Outcome
from modelward.data.engine import Engine, Inline, connect

#: A batch of more rows is worth worker processes.
_LARGE = 50_000

#: The id of each check -> its module, whose docstring is its help. In the order that they run.
CHECKS: dict[str, str] = {
    "association": "modelward.data.checks.association",
    "label-flips": "modelward.data.checks.label_flips",
    "preference-flips": "modelward.data.checks.preference_flips",
    "hidden-text": "modelward.data.checks.hidden_text",
    "injection": "modelward.data.checks.injection",
    "entities": "modelward.data.checks.entities",
    "degraded-safety": "modelward.data.checks.degraded_safety",
    "code-poison": "modelward.data.checks.code_poison",
    "agent-steering": "modelward.data.checks.agent_steering",
    "near-duplicates": "modelward.data.checks.near_duplicates",
    "rate-shift": "modelward.data.checks.rate_shift",
    "style": "modelward.data.checks.style",
    "contributors": "modelward.data.checks.contributors",
}


def module(name: str) -> ModuleType:
    """The module of a check. Raises UsageError, MissingExtra."""
    if name not in CHECKS:
        raise UsageError(f"no check is called {name[:100]!r}", help=f"choose among {', '.join(CHECKS)}")
    try:
        return import_module(CHECKS[name])
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in ("numpy", "scipy", "sklearn", "pyarrow"):
            raise MissingExtra("checks", "looking for poisoned rows") from None
        raise


def check(
    corpus: Corpus,
    history: Corpus | None = None,
    options: Options | None = None,
    engine: Engine | None = None,
) -> CheckReport:
    """Run the checks. The same rows, history and options give the same report.

    Raises UsageError for a check that is not there, MissingExtra.
    """
    options = options or Options()
    names = options.checks or tuple(CHECKS)
    rows = corpus.rows + (history.rows if history else 0)
    with nullcontext(engine) if engine else connect() if rows > _LARGE else Inline() as used:
        batch = Batch(corpus, history, options, used)
        outcomes: list[Outcome] = [module(name).check(batch) for name in names]
    report = CheckReport.gathered(corpus.rows, outcomes, corpus.numbers)
    report.detectors = [Detector(name, module(name).VERSION) for name in names]
    if history is not None:
        report.history_rows, report.history_root = history.rows, history.root
    return report
