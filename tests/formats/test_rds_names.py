from __future__ import annotations

import pytest

from modelward.formats.rds_names import HARMLESS, harm


@pytest.mark.parametrize("name", ["system", "eval", "download.file", "dyn.load", "unlink"])
def test_harmful_functions_are_not_harmless(name: str) -> None:
    assert harm([name])
    assert name not in HARMLESS


def test_gravest_harm_is_told() -> None:
    assert harm(["readRDS", "system", "mean"]) == "runs a shell command"
    assert harm(["mean", "sqrt"]) is None
    assert harm(HARMLESS) is None
