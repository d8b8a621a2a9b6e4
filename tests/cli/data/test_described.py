from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.data.test_export import COLLECT

from modelward.cli.data import described


def test_shards_have_their_sizes(here: Path) -> None:
    assert described.sizes_at(here / "raw.csv") == {"raw.csv": (here / "raw.csv").stat().st_size}


def test_what_a_step_declares_describes_its_own_dataset(
    command: Callable[..., Any], registry: None, here: Path
) -> None:
    assert command(*COLLECT).code == 0
    dataset = described.of_registry("sms", None)
    assert (dataset.text, dataset.url) == ("Messages.", "https://example.org/sms")
    (file,) = described.of_registry("raw.csv", None).files
    assert file.size == (here / "raw.csv").stat().st_size
    assert described.of_registry(dataset.subject, None) == dataset
