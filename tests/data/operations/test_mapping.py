from __future__ import annotations

from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.data.operations.mapping import AFTER, BEFORE, RowMapping


def row(number: int) -> bytes:
    return bytes([number * 37 % 256]) * 32


def test_a_mapping_is_written_and_read_in_any_format(tmp_path: Path) -> None:
    pairs = [(row(1), row(2)), (row(3), row(4)), (row(3), row(5))]
    written = RowMapping.write(tmp_path / "m.parquet", [([one], [two]) for one, two in pairs])
    (tmp_path / "m.csv").write_text(
        "before,after\n" + "".join(f"{one.hex()},sha256:{two.hex()}\n" for one, two in pairs)
    )
    for read in (written, RowMapping.read(tmp_path / "m.csv")):
        assert read.pairs == 3
        assert list(read.counted(BEFORE).pairs()) == sorted([(row(1), 1), (row(3), 2)])
        assert list(read.counted(AFTER).pairs()) == sorted((row(number), 1) for number in (2, 4, 5))


@pytest.mark.parametrize(
    "text",
    [
        "before,after\nxyz,0\n",
        "before\n" + "0" * 64 + "\n",
        "before,after\n" + "0" * 64 + ",\n",
        "before,after,more\n" + ",".join(["0" * 64] * 3) + "\n",
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        RowMapping.read(tmp_path / "m.csv")
    assert "m.csv" in str(caught.value.where)


def test_a_mapping_that_changes_between_two_readings_is_refused(tmp_path: Path) -> None:
    written = RowMapping.write(tmp_path / "m.parquet", [([row(1)], [row(2)])])
    RowMapping.write(tmp_path / "m.parquet", [([row(1)], [row(3)])])
    with pytest.raises(InputError, match="changed"):
        written.counted(AFTER)
