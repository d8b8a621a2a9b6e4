from __future__ import annotations

from decimal import Decimal

import pytest

from modelward.data.cells import Pairs, Temporal, Value
from modelward.data.shown import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        (1, "1"),
        (1.5, "1.5"),
        (True, "true"),
        (Decimal("1.50"), '"1.50"'),
        (b"\x00\xff", '"00ff"'),
        ([1, None, "é"], '[1, null, "é"]'),
        ({"a": Temporal(b"D", 0)}, '{"a": "1970-01-01"}'),
        (Pairs((("k", 1),)), '[["k", 1]]'),
        (Temporal(b"Z", 1_000_000_000), "1970-01-01T00:00:01Z"),
        (Temporal(b"T", 1_000_000_000), "1970-01-01T00:00:01"),
        (Temporal(b"t", 1_000_000_000), "00:00:01"),
        (Temporal(b"u", 5), "5ns"),
        (Temporal(b"Z", 10**30), str(10**30)),
    ],
)
def test_values_read_well(value: Value, text: str) -> None:
    assert shown(value) == text
