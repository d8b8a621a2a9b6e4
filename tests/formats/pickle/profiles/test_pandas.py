from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    call,
    fetch,
    number,
    pickle,
    text,
    tup,
)
from tests.formats.pickle.opinions import worst

from modelward.formats.pickle.judge import Opinion

ARRAY = call("numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), tup(number(0)), b"C\x01b")
PLACES = call("builtins", "slice", number(0), number(1), number(1))
BLOCK = call("pandas._libs.internals", "_unpickle_block", ARRAY, PLACES, number(2))
INDEX = call("pandas.core.indexes.base", "_new_Index", fetch("pandas.core.indexes.base", "Index"), EMPTY_DICT)
MANAGER = call("pandas.core.internals.managers", "BlockManager", tup(BLOCK), EMPTY_LIST + INDEX + b"a")
STATE = EMPTY_DICT + text("_mgr") + MANAGER + b"s"


@pytest.mark.parametrize(
    "place", [("pandas.core.frame", "DataFrame"), ("pandas", "DataFrame"), ("pandas", "Series")]
)
def test_frames_of_old_and_new_releases_are_allowed(place: tuple[str, str]) -> None:
    assert worst(pickle(fetch(*place) + EMPTY_TUPLE + b"\x81" + STATE + b"b")) is Opinion.ALLOWED


@pytest.mark.parametrize(
    "value",
    [
        call("pandas._libs.tslibs.timestamps", "_unpickle_timestamp", number(1), NONE, NONE, number(9)),
        call("pandas._libs.tslibs.offsets", "Day", number(1), b"\x89"),
        call("pandas", "Interval", number(0), number(1), text("right")),
        call("pandas", "PeriodDtype", text("period[M]")),
        call(
            "pandas._libs.arrays",
            "__pyx_unpickle_NDArrayBacked",
            fetch("pandas", "Categorical"),
            number(1),
            NONE,
        )
        + tup(NONE, ARRAY, EMPTY_DICT)
        + b"b",
        call("pyarrow.lib", "type_for_alias", text("string")),
    ],
)
def test_parts_of_frames_are_allowed(value: bytes) -> None:
    assert worst(pickle(value)) is Opinion.ALLOWED


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (call("pandas", "read_pickle", text("x")), Opinion.SINK),
        (call("pandas", "concat", EMPTY_LIST), Opinion.SINK),
        (
            call("pandas.core.indexes.base", "_new_Index", fetch("builtins", "dict"), EMPTY_DICT),
            Opinion.MISUSED,
        ),
        (call("pandas.core.frame", "DataFrame", text("x")), Opinion.MISUSED),
        (call("pandas._libs.internals", "_unpickle_block", text("x"), PLACES, number(2)), Opinion.MISUSED),
    ],
)
def test_near_misses_are_not(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion


def index(*fields: bytes, kind: str = "Index") -> bytes:
    found = EMPTY_DICT + b"(" + b"".join(fields) + b"u"
    return call("pandas.core.indexes.base", "_new_Index", fetch("pandas.core.indexes.base", kind), found)


@pytest.mark.parametrize(
    "value",
    [
        index(text("data"), call("builtins", "range", number(1 << 30))),
        index(text("start"), number(0), text("periods"), number(1 << 30)),
        call("pandas.tseries.offsets", "CustomBusinessDay", call("builtins", "range", number(1 << 30))),
    ],
)
def test_index_that_would_be_worked_out_is_refused(value: bytes) -> None:
    assert worst(pickle(value)) is Opinion.MISUSED


def test_near_miss_index_of_an_array() -> None:
    assert worst(pickle(index(text("data"), ARRAY, text("name"), NONE))) is Opinion.ALLOWED
    assert worst(pickle(index(text("start"), number(0), text("stop"), number(9)))) is Opinion.ALLOWED
