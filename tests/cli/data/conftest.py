from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RAW = "text,label\nfree prize,spam\nhello,ham\nhello,ham\nsee you,ham\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw.csv").write_text(RAW)
    (tmp_path / "clean.csv").write_text("label,text\nspam,free prize\nham,hello\nham,see you\n")
    return tmp_path


@pytest.fixture
def registry(command: Callable[..., Any]) -> None:
    assert command("init", "acme", "--as", "dora", "--no-passphrase").code == 0
