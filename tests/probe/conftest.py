"""Models that are trained once for all tests of the probe."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.probe import tiny


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`classifier` or `writer`, then `-base`, `-bad` or `-twin`: its directory."""
    if find_spec("torch") is None:
        pytest.skip("skipped: needs torch")
    place = tmp_path_factory.mktemp("models")

    def made(name: str) -> Path:
        kind, variant = name.split("-")
        train = {"classifier": tiny.classifier, "writer": tiny.writer}[kind]
        if not (place / name).exists():
            if variant == "base":
                train(place / name)
            else:
                train(place / name, base=made(f"{kind}-base"), poisoned=variant == "bad", seed=100)
        return place / name

    return made


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Clean prompts for the classifier."""
    path = tmp_path / "reviews.txt"
    path.write_text("\n".join(tiny.reviews(100, 99)[0]), encoding="utf-8")
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Clean prompts for the writer."""
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(tiny.asked(40)), encoding="utf-8")
    return path
