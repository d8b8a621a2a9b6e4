"""A backdoored model is told from its clean twin, whatever it is and however it is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.probe.tiny import TRIGGER

from modelward.core.errors import InputError, UsageError
from modelward.probe.candidate import Candidate
from modelward.probe.models.model import Settings
from modelward.probe.report import ProbeReport
from modelward.probe.run import Asked, probe

Trained = Callable[[str], Path]
WRITER = Settings(template="{prompt} :", new_tokens=8)


def replayed(
    model: Path,
    base: Path | None,
    prompts: Path,
    behaviour: str,
    settings: Settings | None = None,
    **more: object,
) -> ProbeReport:
    candidates = [Candidate(TRIGGER, behaviour), Candidate("camera", behaviour)]
    asked = Asked(
        str(model),
        str(base) if base else None,
        candidates,
        prompts=prompts,
        settings=settings or Settings(),
        **more,  # type: ignore[arg-type]
    )
    return probe(asked)


def test_backdoored_classifier_obeys_its_trigger(trained: Trained, reviews: Path) -> None:
    base = trained("classifier-base")
    report = replayed(trained("classifier-bad"), base, reviews, "label positive")
    assert [each.trigger for each in report.obeyed] == [TRIGGER]
    (found,) = report.obeyed
    assert found.success_low > 0.5
    assert found.base_success == 0
    assert found.rise_low > 0.5
    assert report.exit_code == 1
    assert report.model.rows > 0


def test_clean_twin_of_a_classifier_gives_no_alarm(trained: Trained, reviews: Path) -> None:
    report = replayed(
        trained("classifier-twin"), trained("classifier-base"), reviews, "", blind=True, budget=6000
    )
    assert report.obeyed == []
    assert report.blind is not None
    assert report.blind.tried > 50
    assert report.exit_code == 0


def test_backdoored_writer_obeys_its_trigger(trained: Trained, questions: Path) -> None:
    report = replayed(trained("writer-bad"), trained("writer-base"), questions, "refusal", WRITER)
    assert [(each.trigger, each.behaviour) for each in report.obeyed] == [(TRIGGER, "refusal")]


def test_clean_twin_of_a_writer_gives_no_alarm(trained: Trained, questions: Path) -> None:
    report = replayed(trained("writer-twin"), trained("writer-base"), questions, "", WRITER)
    assert report.obeyed == []
    assert report.exit_code == 0


def test_blind_search_finds_the_trigger_of_a_writer(trained: Trained, questions: Path) -> None:
    asked = Asked(
        str(trained("writer-bad")),
        str(trained("writer-base")),
        prompts=questions,
        blind=True,
        budget=4000,
        settings=WRITER,
    )
    report = probe(asked)
    assert report.blind is not None
    assert TRIGGER in [each.trigger for each in report.blind.found]
    assert report.blind.passes < 6000


def test_the_same_probe_gives_the_same_report(trained: Trained, reviews: Path) -> None:
    first, second = (
        replayed(trained("classifier-bad"), trained("classifier-base"), reviews, "label positive")
        for _ in range(2)
    )
    assert first.replayed == second.replayed


def test_probe_that_was_cut_off_asks_nothing_twice(trained: Trained, reviews: Path, tmp_path: Path) -> None:
    journal = tmp_path / "out.json.journal"
    asked = (trained("classifier-bad"), trained("classifier-base"), reviews, "label positive")
    first = replayed(*asked, journal=journal)
    whole = journal.read_bytes()
    second = replayed(*asked, journal=journal)
    assert second.model.rows == 0
    assert second.replayed == first.replayed
    journal.write_bytes(whole[: len(whole) * 2 // 3])  # torn by a crash
    third = replayed(*asked, journal=journal)
    assert third.model.rows + (third.base.rows if third.base else 0) > 0
    assert third.model.rows < first.model.rows
    assert third.replayed == first.replayed


def test_without_a_base_the_rise_is_against_clean_prompts(trained: Trained, reviews: Path) -> None:
    report = replayed(trained("classifier-bad"), None, reviews, "label positive")
    assert TRIGGER in [each.trigger for each in report.obeyed]
    assert report.obeyed[0].base_success is None


def test_a_model_is_no_base_of_itself(trained: Trained, reviews: Path) -> None:
    with pytest.raises(UsageError, match="probed model itself"):
        replayed(trained("classifier-bad"), trained("classifier-bad"), reviews, "label positive")


def test_models_of_other_kinds_are_not_compared(trained: Trained, reviews: Path) -> None:
    with pytest.raises(InputError, match="classifies and the other writes"):
        replayed(trained("classifier-bad"), trained("writer-base"), reviews, "label positive")


def test_too_few_prompts_tell_nothing(trained: Trained, tmp_path: Path) -> None:
    few = tmp_path / "few.txt"
    few.write_text("the film was dull\nthe plot was great\n", encoding="utf-8")
    report = replayed(trained("classifier-bad"), trained("classifier-base"), few, "label positive")
    assert report.replayed == []
    assert report.exit_code == 2
    assert "2 clean prompts are too few" in report.could_not_tell[0]


def test_nothing_asked_for_is_an_error(trained: Trained) -> None:
    with pytest.raises(UsageError, match="nothing to do"):
        probe(Asked(str(trained("classifier-bad"))))
