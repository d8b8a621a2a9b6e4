"""What holds for every test: reproducible examples, and nothing of the person who runs them."""

from __future__ import annotations

import itertools
import os

import pytest
from hypothesis import settings

# `make test` gives the same answer twice and does not fail because a machine is busy; `make fuzz` looks on.
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=5000)
settings.load_profile("test")

_HOMES = itertools.count()


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys, pins and kept state of the user stay out of it: each test has a home of its own, not yet made."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_HOMES))
    for name in [name for name in os.environ if name.startswith("MODELWARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MODELWARD_HOME", str(home))
