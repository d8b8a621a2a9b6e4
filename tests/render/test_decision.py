"""A gate decision as text, to the letter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from modelward.core.digest import Digest
from modelward.gate.context import Outcome
from modelward.gate.evaluate import Decision, Line
from modelward.render.decision import lines

ARTIFACT = Digest("dirHash", "9f" * 32)
POLICY = Digest("sha256", "55" * 32)

OK = Line("signed", "registered", Outcome("ok", ("by alice (publisher)",)))
FAILED = Line(
    "custody",
    "datasets with custody",
    Outcome("fail", ("sft-v3 has no custody", "found 1, by ci-scan"), help="modelward data custody"),
)
WAIVED = Line("size", "small", Outcome("waived", ("until tomorrow", "too large"), help="make it smaller"))
SKIPPED = Line("poisoning", "no poison", Outcome("not-evaluated", ("needs custody",)))
FINAL = Line("not-revoked", "not revoked", Outcome("fail", ("revoked",), help="start again", final=True))


def text(*given: Line, mode: Any = "enforce", stage: str = "production") -> str:
    decision = Decision(mode, given, timedelta(days=1))
    return "\n".join(lines(decision, stage, ARTIFACT, 214, POLICY)) + "\n"


def test_a_denial_shows_every_check_and_what_helps() -> None:
    assert text(OK, FAILED, SKIPPED, WAIVED) == (
        "gate production: DENIED\n"
        "  subject  dirHash:9f9f…9f9f (214 files)   policy sha256:5555…5555\n"
        "  ok    signed     by alice (publisher)\n"
        "  FAIL  custody    sft-v3 has no custody\n"
        "                   found 1, by ci-scan\n"
        "  ----  poisoning  not evaluated: needs custody\n"
        "  waiv  size       until tomorrow\n"
        "                   too large\n"
        "help: modelward data custody\n"
    )


def test_an_allowed_release_has_no_help() -> None:
    assert text(OK, WAIVED).splitlines()[0] == "gate production: ALLOWED"
    assert "help" not in text(OK, WAIVED)


def test_an_observed_release_says_what_would_deny_it() -> None:
    assert text(OK, FAILED, SKIPPED, mode="observe").splitlines()[0] == (
        "gate production: ALLOWED, ungated: the policy only observes; it would deny for custody, poisoning"
    )


def test_an_observed_release_that_passes_is_simply_allowed() -> None:
    assert text(OK, mode="observe").splitlines()[0] == "gate production: ALLOWED"


def test_what_no_policy_overlooks_is_denied_though_observed() -> None:
    assert text(OK, FINAL, mode="observe").splitlines()[0] == "gate production: DENIED"


def test_a_decision_without_checks_is_a_denial() -> None:
    assert text().splitlines()[0] == "gate production: DENIED"


def test_a_check_without_words_shows_its_title() -> None:
    assert "  ok    signed  registered\n" in text(Line("signed", "registered", Outcome("ok")))


@pytest.mark.parametrize("evil", ["\x1b[2J", "a\nVERIFIED", "\u202eevil", "a\rb"])
def test_words_of_strangers_cannot_draw_on_the_terminal(evil: str) -> None:
    line = Line("signed", "t", Outcome("fail", (evil, evil), help=evil))
    shown = text(line, stage=evil)
    assert evil not in shown
    assert len(shown.splitlines()) == 5
