from __future__ import annotations

import pytest

import modelward.scan


def test_public_names_are_the_engine_s() -> None:
    from modelward.scan import engine, scan

    assert scan is engine.scan
    with pytest.raises(AttributeError):
        modelward.scan.missing  # noqa: B018
