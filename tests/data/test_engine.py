from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from modelward.data import engine

digests = st.lists(st.integers(0, 5).map(lambda number: bytes([number]) * 32), max_size=12)


def column(rows: list[bytes]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(rows[:3], pa.binary(32)), pa.array(rows[3:], pa.binary(32))])


@given(digests)
def test_rows_are_counted_and_sorted(rows: list[bytes]) -> None:
    assert list(engine.pairs(engine.counted(column(rows)))) == sorted(Counter(rows).items())


@given(digests, digests, digests)
def test_excess_is_the_difference_of_multisets(
    one: list[bytes], two: list[bytes], three: list[bytes]
) -> None:
    first, second, third = (engine.counted(column(rows)) for rows in (one, two, three))
    surplus = Counter(one) + Counter(two) - Counter(three)
    found = engine.excess([first, second], [third])
    assert list(engine.pairs(found)) == sorted(surplus.items())
    assert engine.total(found) == surplus.total()


@given(digests, digests)
def test_places_are_in_order(rows: list[bytes], wanted: list[bytes]) -> None:
    found = engine.places(column(rows), engine.counted(column(wanted))["row"])
    assert found == [number for number, row in enumerate(rows) if row in wanted]
    among = engine.among(engine.counted(column(rows)), engine.counted(column(wanted))["row"])
    assert dict(engine.pairs(among)) == {row: n for row, n in Counter(rows).items() if row in wanted}
