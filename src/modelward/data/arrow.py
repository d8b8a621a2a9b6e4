"""pyarrow, imported when it is first needed, and the canonical values of Arrow arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from modelward.core.errors import InputError, LimitExceeded, MissingExtra
from modelward.data.cells import Pairs, Temporal, Value
from modelward.data.shape import MAX_DEPTH, MAX_FIELDS, Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_DAY_MS = 86_400_000


def pyarrow() -> Any:
    """The pyarrow module. Raises MissingExtra."""
    try:
        import pyarrow
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("data", "reading datasets") from None
    return pyarrow


def shape(kind: Any, depth: int = 0) -> Shape:
    """The shape of an Arrow type. Raises InputError for a type without canonical values, LimitExceeded."""
    types = pyarrow().types
    if depth >= MAX_DEPTH:
        raise LimitExceeded(f"the type nests deeper than {MAX_DEPTH} levels")
    plain = _plain(kind)
    if plain is not kind:
        return shape(plain, depth + 1)
    if _is_list(kind):
        return Shape("list", item=shape(kind.value_type, depth + 1))
    if types.is_map(kind):
        fields = {"key": shape(kind.key_type, depth + 1), "value": shape(kind.item_type, depth + 1)}
        return Shape("map", item=Shape("struct", fields=fields))
    if types.is_struct(kind):
        fields = {kind.field(i).name: kind.field(i).type for i in range(min(kind.num_fields, MAX_FIELDS + 1))}
        if len(fields) != kind.num_fields:
            raise InputError(f"a struct names a field twice or has over {MAX_FIELDS} fields")
        return Shape("struct", fields={name: shape(inner, depth + 1) for name, inner in fields.items()})
    if types.is_null(kind):
        return Shape("null")
    for name, matches in _KINDS:
        if any(getattr(types, match)(kind) for match in matches):
            return Shape(name, frozenset({str(kind)}))
    raise InputError(f"values of type {kind} have no canonical form", help="cast or drop the column")


#: Kind -> the predicates of pyarrow.types for it.
_KINDS = (
    ("bool", ("is_boolean",)),
    ("number", ("is_integer", "is_floating", "is_decimal")),
    ("text", ("is_string", "is_large_string", "is_string_view")),
    ("bytes", ("is_binary", "is_large_binary", "is_binary_view", "is_fixed_size_binary")),
    ("date", ("is_date",)),
    ("time", ("is_time",)),
    ("timestamp", ("is_timestamp",)),
    ("duration", ("is_duration",)),
)


class ArrowColumns(Mapping[str, list[Value]]):
    """The columns of a record batch as canonical values, made when they are asked for."""

    def __init__(self, batch: Any, names: Iterable[str]) -> None:
        self._batch = batch
        self._arrays = dict(zip(names, batch.columns, strict=True))
        self._lists: dict[str, list[Value]] = {}

    def array(self, name: str) -> Any:
        """The column as it is."""
        return self._arrays[name]

    def slice(self, start: int, count: int) -> ArrowColumns:
        """Some of the rows."""
        return ArrowColumns(self._batch.slice(start, count), self._arrays)

    def __getitem__(self, name: str) -> list[Value]:
        if name not in self._lists:
            self._lists[name] = values(self._arrays[name])
        return self._lists[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


def values(array: Any) -> list[Value]:
    """The canonical values of an Arrow array whose type `shape` accepts. Raises InputError."""
    types = pyarrow().types
    kind = array.type
    if isinstance(array, pyarrow().ExtensionArray):
        return values(array.storage)
    if types.is_dictionary(kind):
        return values(array.dictionary_decode())
    if types.is_run_end_encoded(kind):
        return values(pyarrow().compute.run_end_decode(array))
    if types.is_temporal(kind):
        return list(_temporal(array))
    if _is_list(kind):
        return list(_lists(array))
    if types.is_map(kind):
        return list(_maps(array))
    if types.is_struct(kind):
        return list(_structs(array))
    listed: list[Value] = array.to_pylist()
    return listed


def _plain(kind: Any) -> Any:
    """The type of the values that an extension, dictionary or run-end encoding wraps; else `kind` itself."""
    arrow = pyarrow()
    if isinstance(kind, arrow.BaseExtensionType):
        return kind.storage_type
    if arrow.types.is_dictionary(kind) or arrow.types.is_run_end_encoded(kind):
        return kind.value_type
    return kind


def _is_list(kind: Any) -> bool:
    types = pyarrow().types
    return bool(
        types.is_list(kind)
        or types.is_large_list(kind)
        or types.is_fixed_size_list(kind)
        or types.is_list_view(kind)
        or types.is_large_list_view(kind)
    )


def _lists(array: Any) -> Iterator[list[Value] | None]:
    lengths = pyarrow().compute.list_value_length(array).to_pylist()
    items = values(array.flatten())
    at = 0
    for length in lengths:
        yield None if length is None else items[at : at + length]
        at += length or 0


def _maps(array: Any) -> Iterator[Pairs | None]:
    arrow = pyarrow()
    kind = array.type
    entry = arrow.struct([arrow.field("key", kind.key_type, False), arrow.field("value", kind.item_type)])
    for pairs in _lists(array.cast(arrow.list_(entry))):
        yield None if pairs is None else Pairs(tuple((pair["key"], pair["value"]) for pair in pairs))


def _structs(array: Any) -> Iterator[dict[str, Value] | None]:
    names = [array.type.field(index).name for index in range(array.type.num_fields)]
    fields = [values(field) for field in array.flatten()]
    valid = array.is_valid().to_pylist()
    for index, present in enumerate(valid):
        yield {name: field[index] for name, field in zip(names, fields, strict=True)} if present else None


def _temporal(array: Any) -> Iterator[Temporal | None]:
    arrow, kind = pyarrow(), array.type
    width = arrow.int64() if kind.bit_width == 64 else arrow.int32()
    tag, scale = _temporal_unit(kind)
    for count in array.view(width).to_pylist():
        if count is None:
            yield None
        elif arrow.types.is_date64(kind):
            days, rest = divmod(count, _DAY_MS)
            if rest:
                raise InputError("a date64 value is not a whole day")
            yield Temporal(tag, days)
        else:
            yield Temporal(tag, count * scale)


def _temporal_unit(kind: Any) -> tuple[bytes, int]:
    types = pyarrow().types
    if types.is_date(kind):
        return b"D", 1
    scale = _NANOSECONDS[kind.unit]
    if types.is_timestamp(kind):
        return (b"T" if kind.tz is None else b"Z"), scale
    return (b"t" if types.is_time(kind) else b"u"), scale


# --- to and from numpy ------------------------------------------------------------------------------------
# By their buffers: the conversions of pyarrow import pandas where it is installed, which takes half a second.

#: Arrow type -> the numpy type of its values.
_NUMPY = {
    "int8": "i1",
    "int16": "<i2",
    "int32": "<i4",
    "int64": "<i8",
    "uint8": "u1",
    "uint16": "<u2",
    "uint32": "<u4",
    "float": "<f4",
    "double": "<f8",
}


def numbers_of(array: Any) -> NDArray[Any]:
    """The values of an array of numbers; anything where it is null. They cannot be written to."""
    kind = np.dtype(_NUMPY[str(array.type)])
    if not len(array):
        return np.empty(0, kind)
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)


def valid_of(array: Any) -> NDArray[np.bool_]:
    """Where an array is not null."""
    bitmap = array.buffers()[0]
    if bitmap is None or not array.null_count:
        return np.full(len(array), array.null_count == 0)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=array.offset + len(array), bitorder="little")
    return bits[array.offset :].astype(np.bool_)


def of_numbers(numbers: NDArray[Any], valid: NDArray[np.bool_] | None = None) -> Any:
    """Integers (32 or 64 bits) or floats (64 bits) as an Arrow array; null where not `valid`."""
    arrow = pyarrow()
    kinds = {"<i4": arrow.int32(), "<i8": arrow.int64(), "<f8": arrow.float64()}
    data = arrow.py_buffer(np.ascontiguousarray(numbers))
    return arrow.Array.from_buffers(kinds[numbers.dtype.str], len(numbers), [bitmap_of(valid), data])


def of_texts(texts: Sequence[str | None]) -> Any:
    """Texts as an Arrow array. Raises UnicodeEncodeError, LimitExceeded past 2 GiB."""
    arrow = pyarrow()
    encoded = [b"" if text is None else text.encode() for text in texts]
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=ends[1:])
    if ends[-1] >= 1 << 31:
        raise LimitExceeded("the texts of a batch take over 2 GiB")
    valid = np.array([text is not None for text in texts], np.bool_)
    buffers = [bitmap_of(valid), arrow.py_buffer(ends.astype(np.int32)), arrow.py_buffer(b"".join(encoded))]
    return arrow.Array.from_buffers(arrow.string(), len(texts), buffers)


def bitmap_of(valid: NDArray[np.bool_] | None) -> Any:
    """The validity of an Arrow array as a buffer; None where all of it is valid."""
    if valid is None or valid.all():
        return None
    return pyarrow().py_buffer(np.packbits(valid, bitorder="little"))
