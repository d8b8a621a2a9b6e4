"""docs/data.md is normative: its vectors hold, and its rules suffice to write another implementation."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
import struct
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.data import leaf_key, trees
from modelward.data.arrow import values
from modelward.data.cells import ENCODING, digests, encode
from modelward.data.custody import OPERATIONS
from modelward.data.digesting import cell_digests, keyed
from modelward.data.options import Options
from modelward.data.readers.delimited import TYPES
from modelward.data.readers.formats import READERS
from modelward.data.readers.shard import MAX_ROW_BYTES
from modelward.data.snapshot import take

PAGE = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def block(name: str) -> list[dict[str, Any]]:
    """The JSON lines of the fenced block after `<!-- NAME -->`."""
    found = re.search(rf"<!-- {name} -->\n```json\n(.*?)```", PAGE, re.DOTALL)
    assert found, name
    return [json.loads(line) for line in found[1].splitlines()]


def array(kind: str, value: Any) -> pa.Array:
    """An Arrow array of one value, from the type and the value as the page writes them."""
    temporal = {
        "date32[day]": pa.date32(),
        "timestamp[s]": pa.timestamp("s"),
        "timestamp[ms, tz=Asia/Tokyo]": pa.timestamp("ms", "Asia/Tokyo"),
        "time32[s]": pa.time32("s"),
        "duration[ns]": pa.duration("ns"),
    }
    types = {
        "decimal128(5, 2)": pa.decimal128(5, 2),
        "list<int64>": pa.list_(pa.int64()),
        "struct<b: int64, a: string, c: int64>": pa.struct(
            [("b", pa.int64()), ("a", pa.string()), ("c", pa.int64())]
        ),
        "map<string, int64>": pa.map_(pa.string(), pa.int64()),
    }
    if kind in temporal:
        width = pa.int64() if temporal[kind].bit_width == 64 else pa.int32()
        return pa.array([value], width).view(temporal[kind])
    if kind == "binary":
        value = bytes.fromhex(value)
    elif kind.startswith("map"):
        value = [tuple(pair) for pair in value]
    elif kind.startswith("decimal"):
        value = Decimal(value)
    elif kind == "double" and isinstance(value, str):
        value = float(value)
    return pa.array([value], types.get(kind) or pa.type_for_alias(kind))


CELLS = block("cells")


@pytest.mark.parametrize("vector", CELLS, ids=lambda vector: f"{vector['type']} {vector['value']!r}")
def test_cells_are_encoded_as_the_page_says(vector: dict[str, Any]) -> None:
    (value,) = values(array(vector["type"], vector["value"]))
    assert encode(value).hex() == vector["encoding"]
    (digest,) = digests([value])
    assert (digest and digest.hex()) == vector["digest"]


def test_rows_and_roots_are_those_of_the_page(tmp_path: Path) -> None:
    rows = block("rows")
    path = tmp_path / "x.jsonl"
    path.write_text("".join(json.dumps(entry["row"]) + "\n" for entry in rows), encoding="utf-8")
    index = take(path, "d")
    assert [index.digest_at(at).value for at in range(index.rows)] == [entry["digest"] for entry in rows]
    (roots,) = block("roots")
    assert roots == {"ordered": str(index.rows_root), "set": str(index.set_root)}


def test_keyed_cells_are_those_of_the_page() -> None:
    (vector,) = block("keyed")
    key = bytes.fromhex(vector["key"])
    assert leaf_key.name_of(key) == vector["keyId"]
    assert cell_digests([vector["value"]], keyed(key)).digests.tobytes().hex() == vector["digest"]
    assert hmac.digest(key, encode(vector["value"]), "sha256").hex() == vector["digest"]


def test_the_index_has_the_columns_of_the_page(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"a": "x"}\n')
    named = ("contributor", "source", "time", "label")
    index = take(tmp_path / "x.jsonl", "d", Options(**dict.fromkeys(named, ("a",))))
    table = PAGE.partition("\n## The index\n")[2].partition("\nIn the metadata")[0]
    said = re.findall(r"`([a-z:]+)(?:COLUMN)?`", table)
    assert sorted(
        name.removesuffix("a") if ":a" in name else name for name in index.table.schema.names
    ) == sorted(said)
    assert {
        b"modelward.facts",
        b"modelward.rows",
        b"modelward.set",
        b"modelward.smallest",
    } <= index.table.metadata.keys()
    assert "row groups of 65,536 (halved" in PAGE
    assert (trees.GROUP, trees.CHUNK, trees.MAX_CHUNKS) == (65_536, 4_096, 65_536)


def frame(tag: str, payload: bytes) -> bytes:
    return tag.encode() + len(payload).to_bytes(8, "big") + payload


def by_the_page(value: Any) -> bytes:
    """The encoding written from the page alone, for JSON values."""
    match value:
        case None:
            return frame("n", b"")
        case bool():
            return frame("b", bytes([value]))
        case int() | float() if math.isfinite(value) and value == int(value):
            number = int(value)
            size = next(n for n in range(1, 200) if -(1 << (8 * n - 1)) <= number < 1 << (8 * n - 1))
            return frame("i", number.to_bytes(size, "big", signed=True))
        case float():
            return frame("f", struct.pack(">d", value))
        case str():
            return frame("s", value.encode())
        case list():
            return frame("l", b"".join(map(by_the_page, value)))
    fields = sorted((name.encode(), name) for name, inner in value.items() if inner is not None)
    return frame("o", b"".join(frame("s", key) + by_the_page(value[name]) for key, name in fields))


text = st.text(st.characters(codec="utf-8"), max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=10,
)


@given(json_values)
def test_an_implementation_from_the_page_alone_agrees(value: Any) -> None:
    assert encode(value) == by_the_page(value)


@given(st.dictionaries(text.filter(bool), st.booleans() | text, min_size=1, max_size=4))
def test_row_digest_from_the_page_alone_agrees(row: dict[str, Any]) -> None:
    from modelward.data.rows import row_digests

    pairs = b"".join(
        frame("s", name.encode()) + hashlib.sha256(by_the_page(row[name])).digest()
        for name in sorted(row, key=str.encode)
    )
    columns = [digests([value]) for value in row.values()]
    assert row_digests(list(row), columns, 1) == [hashlib.sha256(frame("r", pairs)).digest()]


def test_the_page_names_what_the_program_knows() -> None:
    for name in (ENCODING, f"{MAX_ROW_BYTES >> 20} MiB", *OPERATIONS, *READERS, *TYPES):
        assert name in PAGE, name
