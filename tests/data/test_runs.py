from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.data import runs
from modelward.data.digesting import matrix_of
from modelward.data.runs import RECORD, RunFile, Sorter, digests_of, in_memory, records_of

#: Few first bytes and few last ones: many equal, many equal in the first eight bytes only, zeros at the end.
DIGESTS = st.lists(
    st.builds(
        lambda head, tail: bytes([head]) * 8 + b"\0" * 23 + bytes([tail]),
        st.integers(0, 3),
        st.integers(0, 3),
    )
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_HELD", 8)
    monkeypatch.setattr(runs, "_LEAST", 2)
    monkeypatch.setattr(runs, "FAN_IN", 3)


def listed(blocks: Iterator[runs.Records]) -> list[tuple[bytes, int, int]]:
    result = []
    for block in blocks:
        digests = [line.tobytes() for line in digests_of(block)]
        result += list(zip(digests, block["count"].tolist(), block["first"].tolist(), strict=True))
    return result


def expected(rows: list[bytes]) -> list[tuple[bytes, int, int]]:
    return [(row, count, rows.index(row)) for row, count in sorted(Counter(rows).items())]


@given(st.lists(DIGESTS, max_size=8))
def test_rows_in_any_number_become_one_sorted_run(parts: list[list[bytes]]) -> None:
    sorter, rows = Sorter(at_once=5), [row for part in parts for row in part]
    at = 0
    for part in parts:
        sorter.add(matrix_of(part), at)
        at += len(part)
    assert listed(sorter.merged()) == expected(rows)


@given(DIGESTS, DIGESTS)
def test_two_sides_are_compared_digest_by_digest(left: list[bytes], right: list[bytes]) -> None:
    sources = [in_memory(records_of(matrix_of(rows), 0)) for rows in (left, right)]
    found = {}
    for records, others in runs.compare(sources[:1], sources[1:]):
        for (row, count, first), other in zip(listed(iter([records])), others.tolist(), strict=True):
            found[row] = (count, other, first)
    assert list(found) == sorted({*left, *right})
    for row, (count, other, first) in found.items():
        assert (count, other) == (left.count(row), right.count(row))
        assert first == (left if row in left else right).index(row)


def test_runs_in_a_file_come_back_whole() -> None:
    file = RunFile()
    file.add([records_of(matrix_of([b"a" * 32, b"b" * 32]), 0)])
    file.add([])
    file.add([records_of(matrix_of([b"a" * 32]), 7)])
    assert len(file) == 3
    assert listed(runs.merge(file.sources())) == [(b"a" * 32, 2, 0), (b"b" * 32, 1, 1)]
    file.close()


def test_nothing_sorts_to_nothing() -> None:
    assert listed(Sorter().merged()) == []
    assert len(records_of(np.empty((0, 32), np.uint8), 0)) == 0
    assert RECORD.itemsize == 48
