"""pandas: frames, series, indexes, blocks, extension arrays, time stamps and offsets; the arrow arrays in
them.

Read: pandas 0.25.3, 1.5.3, 2.2.3, 3.1.1 (core/internals/managers.py, core/indexes/*.py, core/generic.py,
_libs/internals.pyx, _libs/arrays.pyx, _libs/tslibs/*.pyx), pyarrow 26.0.1 (array.pxi, io.pxi). Making an
index or a block converts arrays, it imports and opens nothing.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import (
    Contract,
    StateContract,
    any_of,
    boolean,
    constants,
    container,
    data,
    every,
    integer,
    made,
    nothing,
    plain_state,
    takes,
    text,
    tuple_items,
    value,
)
from modelward.formats.pickle.numpy_contracts import array_state
from modelward.formats.pickle.profiles.entry import PLAIN, VALUE, Entry, profile
from modelward.formats.pickle.values import Container, Global, Made, Value
from modelward.formats.wordlist import words

READ = "pandas 0.25.3, 1.5.3, 2.2.3, 3.1.1; pyarrow 26.0.1"

_FRAMES = {
    "DataFrame": "core.frame",
    "Series": "core.series",
}
_INDEXES = {
    "Index": "core.indexes.base",
    "CategoricalIndex": "core.indexes.category",
    "DatetimeIndex": "core.indexes.datetimes",
    "IntervalIndex": "core.indexes.interval",
    "MultiIndex": "core.indexes.multi",
    "PeriodIndex": "core.indexes.period",
    "RangeIndex": "core.indexes.range",
    "TimedeltaIndex": "core.indexes.timedeltas",
    "Int64Index": "core.indexes.numeric",
    "UInt64Index": "core.indexes.numeric",
    "Float64Index": "core.indexes.numeric",
    "NumericIndex": "core.indexes.numeric",
}
_ARRAYS = {
    "ArrowExtensionArray": "core.arrays.arrow.array",
    "ArrowStringArray": "core.arrays.string_arrow",
    "BooleanArray": "core.arrays.boolean",
    "Categorical": "core.arrays.categorical",
    "DatetimeArray": "core.arrays.datetimes",
    "FloatingArray": "core.arrays.floating",
    "IntegerArray": "core.arrays.integer",
    "IntervalArray": "core.arrays.interval",
    "NumpyExtensionArray": "core.arrays.numpy_",
    "PandasArray": "core.arrays.numpy_",
    "PeriodArray": "core.arrays.period",
    "SparseArray": "core.arrays.sparse.array",
    "StringArray": "core.arrays.string_",
    "TimedeltaArray": "core.arrays.timedeltas",
}
_DTYPES = words(
    """
    ArrowDtype BooleanDtype CategoricalDtype DatetimeTZDtype Float32Dtype Float64Dtype Int16Dtype
    Int32Dtype Int64Dtype Int8Dtype IntervalDtype PandasDtype NumpyEADtype PeriodDtype SparseDtype
    StringDtype UInt16Dtype UInt32Dtype UInt64Dtype UInt8Dtype
    """
)
_DTYPE_MODULES = (
    "pandas", "pandas.api.types", "pandas.core.dtypes.dtypes", "pandas.core.arrays.boolean",
    "pandas.core.arrays.floating", "pandas.core.arrays.integer", "pandas.core.arrays.string_",
    "pandas.core.arrays.sparse.dtype",
)  # fmt: skip
_OFFSETS = words(
    """
    BDay BMonthBegin BMonthEnd BQuarterBegin BQuarterEnd BYearBegin BYearEnd BusinessDay BusinessHour
    BusinessMonthBegin BusinessMonthEnd CustomBusinessDay CustomBusinessHour CustomBusinessMonthBegin
    CustomBusinessMonthEnd DateOffset Day Hour MonthBegin MonthEnd Micro Milli Minute Nano QuarterBegin
    QuarterEnd Second SemiMonthBegin SemiMonthEnd Tick Week WeekOfMonth LastWeekOfMonth YearBegin
    YearEnd
    """
)
_BLOCKS = words(
    """
    BoolBlock CategoricalBlock ComplexBlock DatetimeBlock DatetimeTZBlock ExtensionBlock FloatBlock
    IntBlock NumericBlock ObjectBlock TimeDeltaBlock
    """
)


def _anything(_arguments: Value) -> str | None:
    return None


def _state(*kinds: str) -> StateContract:
    known = any_of(nothing, container(*kinds))
    return lambda state, _: None if known(state) else "its state is not known"


#: What indexes are written with. The old `start`, `end` and `periods` of dates would have them worked out.
_INDEX_FIELDS = words(
    """
    categories closed codes copy data dtype freq labels left levels name names ordered right sortorder
    start step stop tz verify_integrity
    """
)
#: What offsets and the types of arrow are made of.
_ARGUMENTS = every(any_of(constants, made, value, container("dict", "list", "tuple", "set", "frozenset")))


def _new_index(arguments: Value) -> str | None:
    """(class, arguments): a class of indexes and a dict."""
    return takes(_index_class, _index_fields)(arguments)


def _index_fields(item: Value) -> bool:
    """Fields by name; no range among their values, which an index would run through."""
    if not (isinstance(item, Container) and item.kind == "dict" and item.whole):
        return False
    known = all(isinstance(key, str) and key in _INDEX_FIELDS for key in item.items[::2])
    return known and all(made(field) or not isinstance(field, Made) for field in item.items[1::2])


def _index_class(item: Value) -> bool:
    return isinstance(item, Global) and item.name in _INDEXES and value(item)


def _libs() -> dict[str, dict[str, Entry]]:
    period = takes(any_of(constants, made), any_of(made, text), any_of(constants, made))
    stamp = Entry(call=takes(integer, any_of(constants, made), any_of(constants, made), integer, optional=1))
    block = takes(made, any_of(made, container("tuple", "list")), integer)
    arrays = takes(value, integer, any_of(nothing, container("tuple")))
    offsets = dict.fromkeys(_OFFSETS, Entry(call=_ARGUMENTS, new=takes(), state=_state("dict")))
    sparse = Entry(call=takes(integer, made, made, optional=1))
    return {
        "pandas._libs.internals": {
            "_unpickle_block": Entry(call=block, value=False),
            "BlockPlacement": Entry(call=takes(any_of(made, container("list")))),
            "BlockManager": VALUE,
        },
        "pandas._libs.arrays": {
            "__pyx_unpickle_NDArrayBacked": Entry(call=arrays, state=_state("dict", "tuple"), value=False)
        },
        "pandas._libs.sparse": {"IntIndex": sparse, "BlockIndex": Entry(call=takes(integer, made, made))},
        "pandas._libs.interval": {"Interval": Entry(call=takes(*[any_of(constants, made)] * 2, text))},
        "pandas._libs.missing": {"NAType": Entry(call=takes()), "NA": VALUE},
        "pandas._libs.tslibs.nattype": {
            "_nat_unpickle": Entry(call=_anything, value=False),
            "__nat_unpickle": Entry(call=_anything, value=False),
            "NaT": VALUE,
            "NaTType": VALUE,
        },
        "pandas._libs.tslibs.offsets": offsets,
        "pandas.tseries.offsets": offsets,
        "pandas._libs.tslibs.period": {"_period_unpickle": Entry(call=period), "Period": Entry(call=period)},
        "pandas._libs.tslibs.timedeltas": {
            "_timedelta_unpickle": Entry(call=takes(integer, integer), value=False),
            "Timedelta": Entry(call=takes(any_of(constants, made), optional=1)),
        },
        "pandas._libs.tslibs.timestamps": {
            "_unpickle_timestamp": stamp,
            "Timestamp": stamp,
        },
    }


def _pyarrow() -> dict[str, dict[str, Entry]]:
    parts = takes(made, *[any_of(constants, container("list"), made)] * 6, optional=4)
    array = takes(lambda item: (tuple_items(item) is not None and parts(item) is None) or made(item))
    return {
        "pyarrow.lib": {
            "_restore_array": Entry(call=array, value=False),
            "chunked_array": Entry(call=takes(container("list", "tuple"), made, optional=1), value=False),
            "py_buffer": Entry(call=takes(any_of(data, made)), value=False),
            "type_for_alias": Entry(call=takes(text), value=False),
            **dict.fromkeys(
                ("dictionary", "list_", "large_list", "struct", "field", "schema"), Entry(call=_ARGUMENTS)
            ),
        }
    }


def _entries() -> dict[str, dict[str, Entry]]:
    found = _libs() | _pyarrow()
    new: Contract = takes()
    kinds = (
        (_FRAMES, Entry(new=new, state=plain_state)),
        (_INDEXES, VALUE),
        (_ARRAYS, Entry(new=new, state=plain_state)),
    )
    for table, entry in kinds:
        for name, module in table.items():
            for place in (f"pandas.{module}", "pandas", "pandas.arrays"):
                found.setdefault(place, {})[name] = entry
    dtype = Entry(call=takes(*[any_of(constants, made, value)] * 2, optional=2), new=new, state=plain_state)
    for module in _DTYPE_MODULES:
        found.setdefault(module, {}).update(dict.fromkeys(_DTYPES, dtype))
    managers = Entry(call=takes(container("tuple", "list"), container("list"), boolean, optional=1), new=new,
                     state=_state("tuple", "dict"))  # fmt: skip
    found["pandas.core.internals.managers"] = {"BlockManager": managers, "SingleBlockManager": managers}
    found["pandas.core.internals"] = {"BlockManager": managers, "SingleBlockManager": managers}
    found["pandas.core.internals.blocks"] = dict.fromkeys(_BLOCKS, Entry(new=new, state=_state("tuple")))
    found["pandas.core.indexes.base"]["_new_Index"] = Entry(call=_new_index, value=False)
    for module, kind in (("datetimes", "Datetime"), ("interval", "Interval"), ("period", "Period"),
                         ("timedeltas", "Timedelta")):  # fmt: skip
        found.setdefault(f"pandas.core.indexes.{module}", {})[f"_new_{kind}Index"] = Entry(
            call=_new_index, value=False
        )
    found["pandas.core.indexes.frozen"] = {
        "FrozenList": Entry(call=takes(container("list", "tuple"))),
        "FrozenNDArray": Entry(state=array_state),
    }
    found["pandas.core.flags"] = {"Flags": PLAIN}
    found["pandas"].update(
        {name: entry for module in ("timestamps", "timedeltas", "period", "nattype")
         for name, entry in found[f"pandas._libs.tslibs.{module}"].items() if not name.startswith("_")},
        DateOffset=found["pandas._libs.tslibs.offsets"]["DateOffset"],
        Interval=found["pandas._libs.interval"]["Interval"],
        NA=VALUE,
    )  # fmt: skip
    return found


PROFILE = profile(__file__, READ, _entries())
