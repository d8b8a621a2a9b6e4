"""What Parquet and Arrow files share: columns of a schema, and batches cut to size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.arrow import pyarrow, shape
from modelward.data.readers.shard import BATCH_BYTES, BATCH_ROWS, MAX_MEDIA_BYTES, OpenShard
from modelward.data.shape import MAX_FIELDS, Shape

#: The key of the schema's metadata that marks an index of ours.
INDEX_MARK = b"modelward"
#: A row may hold so many values in its lists.
MAX_ITEMS = 16 << 20


def shapes_of(shard: OpenShard, schema: Any) -> dict[str, Shape]:
    """The shape of each column. Raises InputError for what no dataset should have, LimitExceeded."""
    if INDEX_MARK in (schema.metadata or {}):
        raise InputError(
            "this is a modelward index, not data", where=shard.name, help="keep indexes outside the dataset"
        )
    if len(schema.names) > MAX_FIELDS:
        raise LimitExceeded(f"over {MAX_FIELDS} columns", where=shard.name)
    if len(set(schema.names)) != len(schema.names):
        twice = next(name for name in schema.names if schema.names.count(name) > 1)
        raise InputError(f"column {twice!r} is there twice", where=shard.name, help="rename one")
    shapes = {}
    for column in schema:
        try:
            shapes[column.name] = shape(column.type)
        except InputError as error:
            raise type(error)(
                f"column {column.name!r}: {error.message}", where=shard.name, help=error.help
            ) from None
    return shapes


def slices(shard: OpenShard, batch: Any, done: int) -> Iterator[Any]:
    """A record batch in parts of at most BATCH_ROWS and about BATCH_BYTES. Raises LimitExceeded at a row."""
    size = max(_unpacked(batch), sum(map(_items, batch.columns)))
    step = max(1, min(BATCH_ROWS, BATCH_BYTES * batch.num_rows // max(size, 1)))
    for start in range(0, batch.num_rows, step):
        part = batch.slice(start, step)
        size = _unpacked(part)
        if part.num_rows > 1 and size > 2 * BATCH_BYTES:  # rows of very different sizes
            yield from slices(shard, part, done + start)
            continue
        if size > 2 * MAX_MEDIA_BYTES or sum(map(_items, part.columns)) > MAX_ITEMS * part.num_rows:
            raise LimitExceeded(
                f"the row is over {2 * MAX_MEDIA_BYTES >> 20} MiB or {MAX_ITEMS} values",
                where=f"{shard.name}: row {done + start + 1}",
            )
        shard.spend(size, done + start + part.num_rows)
        yield part


def _unpacked(batch: Any) -> int:
    return sum(map(_size, batch.columns))


def _size(array: Any) -> int:
    """The bytes of an array, each value of a dictionary as often as it is named."""
    arrow = pyarrow()
    kind = array.type
    if isinstance(array, arrow.ExtensionArray):
        return _size(array.storage)
    if arrow.types.is_dictionary(kind):
        lengths = _lengths(array.dictionary)
        if lengths is None:
            return int(array.indices.nbytes) + len(array) * int(array.dictionary.nbytes)
        return int(array.indices.nbytes) + (arrow.compute.sum(lengths.take(array.indices)).as_py() or 0)
    if arrow.types.is_run_end_encoded(kind):
        lengths = _lengths(array.values)
        longest = array.values.nbytes if lengths is None else arrow.compute.max(lengths).as_py() or 0
        return int(array.nbytes) + len(array) * int(longest)
    if arrow.types.is_struct(kind):
        return len(array) + sum(map(_size, array.flatten()))
    if arrow.types.is_map(kind):
        first, last = (array.offsets[at].as_py() for at in (0, len(array)))
        inner = (array.keys.slice(first, last - first), array.items.slice(first, last - first))
        return 4 * len(array) + sum(map(_size, inner))
    if arrow.types.is_nested(kind) and hasattr(array, "flatten"):
        return 4 * len(array) + _size(array.flatten())
    return int(array.nbytes)


def _lengths(values: Any) -> Any:
    """The length of each value in bytes, None for what has none."""
    arrow = pyarrow()
    types = arrow.types
    if any(getattr(types, f"is_{name}")(values.type) for name in _TEXTS):
        return arrow.compute.cast(arrow.compute.binary_length(values), arrow.int64())
    if types.is_primitive(values.type):
        return arrow.array([8] * len(values), arrow.int64())
    return None


_TEXTS = ("string", "large_string", "binary", "large_binary", "fixed_size_binary")


def _items(array: Any) -> int:
    """The values that lists of a fixed size hold, which may need no bytes."""
    types = pyarrow().types
    if types.is_fixed_size_list(array.type):
        count: int = len(array) * array.type.list_size
        return count
    if types.is_struct(array.type):
        return sum(map(_items, array.flatten()))
    return 0


def first_line(error: BaseException) -> str:
    """The message without what is below it."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
