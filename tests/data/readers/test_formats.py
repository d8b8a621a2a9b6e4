from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.data.snapshot import take


def test_unknown_kinds_of_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"a")
    with pytest.raises(InputError, match="not a dataset"):
        take(tmp_path / "x.bin", "d")
    with pytest.raises(InputError, match="not a dataset"):
        take(tmp_path, "d")
