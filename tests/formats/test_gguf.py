from __future__ import annotations

import contextlib
import struct
import tempfile
import time
from pathlib import Path

import numpy
import pytest
from gguf import GGMLQuantizationType, GGUFEndian, GGUFWriter
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_gguf import chat_template, gguf, pair, tensor, text

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import Malformed, Overflow
from modelward.formats.gguf import End, Template, facts
from modelward.formats.source import BytesSource, FileSource

GOOD = gguf(
    (pair("general.name", 8, text("x")), pair("a", 9, struct.pack("<IQ3I", 4, 3, 1, 2, 3))),
    (tensor("a", (4, 2)), tensor("b", (32,), 8, 32)),
    bytes(32 + 64),
)


def found(data: bytes) -> list[object]:
    return [fact for fact in facts(BytesSource(data)) if not isinstance(fact, End)]


def end(data: bytes) -> End:
    return next(fact for fact in facts(BytesSource(data)) if isinstance(fact, End))


def test_a_sound_file_shows_nothing() -> None:
    assert found(GOOD) == []
    assert end(GOOD) == End(len(GOOD))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gguf(tensor_count=1 << 60), "tensors"),
        (gguf(pair_count=1 << 61), "fields"),
        (gguf((text(b"")[:0] + struct.pack("<Q", (1 << 64) - 1),)), "a key is"),
        (gguf((pair("a", 8, struct.pack("<Q", 1 << 63)),)), "a text is"),
        (gguf((pair("a", 9, struct.pack("<IQ", 4, 1 << 62)),)), "an array has"),
        (gguf((pair("a", 9, struct.pack("<IQ", 77, 1)),)), "elements of type 77"),
        (gguf((pair("a", 99, b""),)), "type 99"),
        (gguf((pair("general.alignment", 4, bytes(4)),)), "alignment is 0"),
        (gguf((pair("general.alignment", 4, struct.pack("<I", 48)),)), "alignment is 48"),
        (gguf((), (tensor("t", (1, 2, 3, 4, 5)),)), "5 dimensions"),
        (gguf((), (tensor("t", (1 << 62, 1 << 62)),)), "shape"),
        (gguf((), (tensor("t", ((1 << 64) - 1,)),)), "shape"),
        (gguf((), (tensor("t", (1 << 40, 1 << 20, 16), 2),)), "shape"),
        (gguf((), (tensor("t", (4,), 0, (1 << 63) - 8),)), "begins at"),
    ],
    ids=str,
)
def test_numbers_that_overflow_cve_2025_53630_and_2026_27940_and_2026_33298(data: bytes, what: str) -> None:
    (fact,) = found(data)
    assert isinstance(fact, Overflow)
    assert what in fact.message


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gguf(version=9), "version"),
        (gguf((pair("a", 0, b"x"), pair("a", 0, b"y"))), "two fields 'a'"),
        (gguf((), (tensor("t", (8,)), tensor("t", (8,), 0, 32)), bytes(64)), "two tensors 't'"),
        (gguf((), (tensor("a", (8,)), tensor("b", (8,), 0, 0)), bytes(64)), "overlaps"),
        (gguf((), (tensor("a", (8,)), tensor("b", (8,), 0, 96)), bytes(128)), "gap"),
        (gguf((), (tensor("a", (8,), 4000),), bytes(64)), "type 4000"),
    ],
    ids=str,
)
def test_breaches_that_may_be_accidents(data: bytes, what: str) -> None:
    (fact,) = found(data)
    assert isinstance(fact, Malformed)
    assert what in fact.message


def test_padding_between_fields_and_tensors_is_odd_and_no_attack() -> None:
    head = gguf((pair("a", 0, b"x"),), (), tensor_count=1)
    (fact,) = found(head + bytes(-len(head) % 32) + tensor("t", (8,)) + bytes(64))
    assert isinstance(fact, Malformed)


def test_every_chat_template_is_shown() -> None:
    data = gguf((chat_template("one"), chat_template("two", "tokenizer.chat_template.tool_use")))
    assert found(data) == [
        Template("tokenizer.chat_template", "one"),
        Template("tokenizer.chat_template.tool_use", "two"),
    ]


def test_big_endian_and_the_first_version_are_read() -> None:
    data = gguf((pair("a", 4, bytes(4), ">"),), (tensor("t", (8,), order=">"),), bytes(32), order=">")
    assert found(data) == []
    first = b"GGUF" + struct.pack("<III", 1, 0, 1) + struct.pack("<I", 1) + b"a" + struct.pack("<IB", 0, 1)
    assert found(first) == []


def test_tensors_that_are_not_there_are_counted() -> None:
    assert end(GOOD[:-40]) == End(None, missing=10)


def test_file_that_breaks_off_says_so() -> None:
    with pytest.raises(InputError):
        found(GOOD[:60])


def test_millions_of_texts_are_refused() -> None:
    data = gguf((pair("a", 9, struct.pack("<IQ", 8, 1 << 30)),))
    with pytest.raises(LimitExceeded):
        found(data)


def test_ten_gigabytes_are_judged_from_the_header(tmp_path: Path) -> None:
    path = tmp_path / "big.gguf"
    path.write_bytes(gguf((), (tensor("t", (10 << 30,), 24),)))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + (10 << 30))
        begun = time.process_time()
        last = list(facts(FileSource(file.fileno(), "x")))[-1]
        assert time.process_time() - begun < 1
    assert isinstance(last, End)
    assert last.missing == 0


def real(order: GGUFEndian = GGUFEndian.LITTLE) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.gguf"
        writer = GGUFWriter(path, "llama", endianess=order)
        writer.add_token_list([f"token {index}" for index in range(2000)])
        writer.add_token_scores([0.5] * 2000)
        writer.add_array("numbers", [1, 2, 3])
        writer.add_uint64("big", 1 << 40)
        writer.add_bool("flag", True)
        writer.add_tensor("a", numpy.zeros((33, 7), numpy.float32))
        writer.add_tensor("b", numpy.zeros(5, numpy.float16))
        if order is GGUFEndian.LITTLE:
            q8 = numpy.zeros((4, 34), numpy.uint8)
            writer.add_tensor("c", q8, raw_dtype=GGMLQuantizationType.Q8_0)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


REAL = real()


@pytest.mark.parametrize("order", list(GGUFEndian))
def test_files_of_the_library_itself_are_clean(order: GGUFEndian) -> None:
    data = real(order)
    assert found(data) == []
    assert end(data).missing == 0


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=6), st.integers(0, 1 << 17))
def test_changed_files_raise_only_our_errors(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(GOOD if cut % 2 else REAL)
    for at, value in changes:
        data[at % len(data)] = value
    with contextlib.suppress(InputError):
        found(bytes(data[: max(8, len(data) - cut // 64)]))
