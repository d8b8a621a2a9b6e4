from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.data.operations import mapping
from modelward.data.operations.mapping import AFTER, BEFORE, RowMapping, over


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
        assert list(read.counted(BEFORE)) == sorted([(row(1), 1), (row(3), 2)])
        assert list(read.counted(AFTER)) == sorted((row(number), 1) for number in (2, 4, 5))


def test_a_large_mapping_is_counted_a_part_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(number) for number in range(100)] * 2
    written = RowMapping.write(tmp_path / "m.parquet", [(rows, rows)])
    monkeypatch.setattr(mapping, "MAX_AT_ONCE", 7)
    assert list(written.counted(BEFORE)) == sorted(Counter(rows).items())


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
        list(written.counted(AFTER))


numbers = st.lists(st.integers(0, 5), max_size=8)


@given(numbers, numbers, numbers)
def test_surplus_is_that_of_multisets(one: list[int], two: list[int], three: list[int]) -> None:
    def pairs(values: list[int]) -> list[tuple[bytes, int]]:
        return sorted(Counter(row(value) for value in values).items())

    expected = Counter(map(row, one + two)) - Counter(map(row, three))
    found = over([iter(pairs(one)), iter(pairs(two))], [iter(pairs(three))])
    assert list(found) == sorted(expected.items())
    once = over([iter(pairs(one)), iter(pairs(two))], [iter(pairs(three))], once=True)
    assert [found for found, _ in once] == sorted(set(map(row, one + two)) - set(map(row, three)))
