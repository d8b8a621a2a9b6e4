"""What the pages of a Parquet file unpack to, seen before pyarrow unpacks them.

A dictionary page of one long text, and a million rows that name it, are a few hundred bytes of file and
terabytes of text. The headers of pages say how large each is; the longest value is found in the dictionary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from modelward.core.errors import InputError, LimitExceeded
from modelward.data.arrow import pyarrow
from modelward.formats.source import Source

#: What one page may unpack to.
MAX_PAGE_BYTES = 256 << 20
#: What the texts of one column may come to in a batch before they are kept as a dictionary.
MAX_TEXT_BYTES = 256 << 20
#: What values that share their beginnings (DELTA_BYTE_ARRAY) may come to: pyarrow unpacks _LEVELS at once.
MAX_SHARED_BYTES = 2 << 30

_LEVELS = 1024
_WINDOW, _MAX_HEADER = 4 << 10, 16 << 20
_MAX_DEPTH = 16
_DATA, _DICTIONARY, _DATA_V2 = 0, 2, 3
_DELTA_BYTE_ARRAY = 7
_FIXED, _WIDE = "FIXED_LEN_BYTE_ARRAY", 1024
_CODECS = {"SNAPPY": "snappy", "GZIP": "gzip", "BROTLI": "brotli", "ZSTD": "zstd", "LZ4_RAW": "lz4_raw"}


class Reading(NamedTuple):
    """How a file is read in bounded memory: the columns kept as dictionaries, and rows to a batch at most."""

    dictionaries: list[str]
    rows: int


class _Page(NamedTuple):
    at: int
    kind: int
    size: int
    packed: int
    values: int
    encoding: int


def plan(source: Source, metadata: Any, groups: Collection[int], rows: int) -> Reading:
    """How to read these row groups in batches of `rows`. Raises InputError, LimitExceeded."""
    dictionaries: dict[str, None] = {}
    for group in groups:
        for index in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(index)
            repeated = metadata.schema.column(index).max_repetition_level > 0
            values = chunk.num_values if repeated else min(rows, chunk.num_values)
            longest, shared = _longest(source, chunk)
            width = metadata.schema.column(index).length if chunk.physical_type == _FIXED else 0
            shared = max(shared, width if width > _WIDE else 0)
            if longest * values > MAX_TEXT_BYTES:
                dictionaries[chunk.path_in_schema] = None
            if shared * (values if repeated else _LEVELS) > MAX_SHARED_BYTES:
                raise LimitExceeded(
                    f"the values of column {chunk.path_in_schema!r} share what they hold: there is no bound "
                    "on what they unpack to",
                    help="write the column as text, with dictionary or plain encoding",
                )
            if shared:
                rows = max(1, min(rows, MAX_TEXT_BYTES // shared))
    return Reading(list(dictionaries), rows)


def _longest(source: Source, chunk: Any) -> tuple[int, int]:
    """The longest value in a column chunk's dictionary, and in pages whose values share their beginnings."""
    longest = shared = 0
    text = chunk.physical_type == "BYTE_ARRAY"
    for page in _pages(source, chunk):
        if page.size > MAX_PAGE_BYTES:
            raise LimitExceeded(
                f"a page unpacks to over {MAX_PAGE_BYTES >> 20} MiB", help="write the file in smaller pages"
            )
        if text and page.kind == _DICTIONARY:
            longest = max(longest, _longest_entry(source, chunk.compression, page))
        elif text and page.encoding == _DELTA_BYTE_ARRAY:
            shared = max(shared, page.size)
    return longest, shared


def _longest_entry(source: Source, codec: str, page: _Page) -> int:
    data = source.read(page.at, page.packed)
    if codec != "UNCOMPRESSED":
        if codec not in _CODECS:
            return page.size
        data = pyarrow().decompress(data, page.size, _CODECS[codec], asbytes=True)
    longest = at = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        longest = max(longest, length)
        at += 4 + length
    return min(longest, page.size)


def _pages(source: Source, chunk: Any) -> Iterator[_Page]:
    """The pages of a column chunk, as pyarrow comes to them."""
    at = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < at:
        at = chunk.dictionary_page_offset
    end = at + chunk.total_compressed_size
    values = 0
    while at < end and values < chunk.num_values:
        page = _page(source, at)
        yield page
        values += page.values if page.kind in (_DATA, _DATA_V2) else 0
        at = page.at + page.packed


def _page(source: Source, at: int) -> _Page:
    window = _WINDOW
    while True:
        thrift = _Thrift(source.read(at, window))
        try:
            header = thrift.struct()
            break
        except IndexError:
            if window > min(_MAX_HEADER, source.size):
                raise InputError(f"the page at byte {at} is cut off") from None
            window *= 16
    kind, size, packed = (header.get(field, -1) for field in (1, 2, 3))
    data = header.get({_DATA: 5, _DATA_V2: 8, _DICTIONARY: 7}.get(kind, 0), {})
    if not all(isinstance(number, int) and number >= 0 for number in (kind, size, packed)):
        raise InputError(f"there is no page at byte {at}")
    if not isinstance(data, dict):
        raise InputError(f"there is no page at byte {at}")
    values, encoding = (data.get(field, 0) for field in (1, 4 if kind == _DATA_V2 else 2))
    return _Page(at + thrift.at, kind, size, packed, max(_number(values), 0), _number(encoding))


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


class _Thrift:
    """A struct in Thrift's compact protocol. Past the end of `data` it raises IndexError."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """The fields by their number: integers and structs; what else there is is stepped over."""
        if depth > _MAX_DEPTH:
            raise LimitExceeded("the header of a page nests too deep")
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            fields[number] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._zigzag()
        if kind in (7, 8):
            self._skip(8 if kind == 7 else self._varint())
            return None
        if kind in (9, 10):
            return self._list(depth)
        if kind == 12:
            return self.struct(depth + 1)
        raise InputError("the header of a page is broken")

    def _list(self, depth: int) -> None:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(count):
            self._value(head & 15, depth + 1)

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self.data):
            raise IndexError

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number
            if shift > 63:
                raise InputError("the header of a page is broken")

    def _zigzag(self) -> int:
        number = self._varint()
        return number >> 1 ^ -(number & 1)
