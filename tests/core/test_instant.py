from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.core import instant
from modelward.core.errors import InputError


@given(
    st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda value: value.replace(microsecond=0, tzinfo=UTC))
)
def test_text_form_round_trips(moment: datetime) -> None:
    text = instant.render(moment)
    assert re.match(instant.PATTERN, text)
    assert instant.parse(text) == moment


def test_clock_has_whole_seconds_and_a_zone() -> None:
    moment = instant.now()
    assert moment.microsecond == 0
    assert moment.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=5)


def test_other_zones_are_written_as_utc() -> None:
    east = timezone(timedelta(hours=2))
    assert instant.render(datetime(2026, 11, 22, 11, 14, tzinfo=east)) == "2026-11-22T09:14:00Z"


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant.render(datetime(2026, 11, 22))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T09:14:00",
        "2026-11-22T09:14:00+00:00",
        "2026-11-22T09:14:00.5Z",
        "2026-11-22 09:14:00Z",
        "2026-02-30T09:14:00Z",
        "2026-11-22T09:14:00Z\n",
        "2026-1-2T9:4:0Z",
        "٢٠٢٦-11-22T09:14:00Z",
    ],
)
def test_other_spellings_of_a_time_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        instant.parse(text)


@given(st.text())
def test_parse_raises_only_our_error(text: str) -> None:
    for read in (instant.parse, instant.parse_duration):
        with pytest.raises(InputError):
            read(f"x{text}")


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("15m", 900), ("24h", 86400), ("90d", 7776000), ("2w", 1209600)]
)
def test_duration(text: str, seconds: int) -> None:
    assert instant.parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "d", "-1d", "1.5h", "1 d", "1d ", "1D", "1d\n", "1234567d", "٣d"])
def test_other_spellings_of_a_duration_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        instant.parse_duration(text)
