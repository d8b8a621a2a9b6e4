"""What is asked for is given, or refused in plain words; nothing is weakened silently."""

from __future__ import annotations

import pytest

from modelward.core.errors import InputError
from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.choose import choose
from modelward.pipeline.sandbox.confined import Confined
from modelward.pipeline.sandbox.facilities import Facilities
from modelward.pipeline.sandbox.job import Options
from modelward.pipeline.sandbox.limits import Limits
from modelward.pipeline.sandbox.unconfined import Unconfined
from modelward.pipeline.sandbox.watched import Watched


def without(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Facilities({"user namespace": "Operation not permitted"})
    monkeypatch.setattr(facilities, "probe", lambda: refused)


def test_kernel_that_can_confines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facilities, "probe", lambda: Facilities(landlock=7, observer=True))
    for wanted in ("auto", "require"):
        assert isinstance(choose(wanted), Confined)


def test_kernel_that_cannot_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch)
    chosen = choose("auto")
    assert isinstance(chosen, Unconfined)
    assert chosen.grade == "declared"
    assert chosen.words.startswith("not enforced: no sandbox: no user namespace (Operation not permitted)")


def test_required_sandbox_is_had_or_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch)
    with pytest.raises(InputError, match="cannot be confined here: no user namespace"):
        choose("require")


def test_best_that_there_is_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    no_users = Facilities({"user namespace": "Operation not permitted"}, landlock=7, observer=True)
    monkeypatch.setattr(facilities, "probe", lambda: no_users)
    assert isinstance(choose("auto"), Watched)
    no_landlock = Facilities({"Landlock": "this kernel has none"}, observer=True)
    monkeypatch.setattr(facilities, "probe", lambda: no_landlock)
    chosen = choose("auto")
    assert isinstance(chosen, Confined)
    assert chosen.grade == "observed"


def test_none_says_so() -> None:
    assert choose("none").words.startswith("not enforced: no sandbox; ")


def test_limits_are_not_dropped_silently() -> None:
    with pytest.raises(InputError, match="limits need the sandbox"):
        choose("none", Options(limits=Limits({"memory": 1})))
