"""A town to each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.registry.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)
