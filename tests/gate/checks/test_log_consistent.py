"""log-consistent: a log that was tampered with denies everything."""

from __future__ import annotations

from tests.gate.case import complete


def test_an_inconsistent_log_denies() -> None:
    case = complete()
    case.log_consistent = False
    assert case.failing() == {"log-consistent": "it shrank"}
    assert not case.decide().allowed
