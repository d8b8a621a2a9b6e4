from __future__ import annotations

import os
import pickle as cpython
import time

import pytest
from tests.formats.assemble import SHELL, fetch, pickle, run, stack_fetch, text

from modelward.formats.pickle.beginnings import STARTS, find_beginning
from modelward.formats.pickle.values import Kind


@pytest.mark.parametrize("protocol", range(6))
def test_payload_after_junk_is_found(protocol: int) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    data = bytes(range(128, 200)) + b" junk \x80\x01\n" + cpython.dumps([1, "x", Payload()], protocol)
    at, kinds = 0, []
    while (at := find_beginning(data, at)) >= 0:
        kinds += [event.kind for event in run(data[at:])[1]]
        at += 1
    assert Kind.REFERENCE in kinds


@pytest.mark.parametrize(
    "payload",
    [SHELL, fetch("os", "system"), stack_fetch("os", "system"), b"(ios\nsystem\n", b"\x80\x04" + text("a")],
)
def test_payload_without_a_magic_is_found(payload: bytes) -> None:
    assert find_beginning(b"\0\xff junk" + pickle(payload)) >= 0


def test_prose_is_no_beginning() -> None:
    assert find_beginning(b"Call me Ishmael. Some years ago, never mind how long\nprecisely\n" * 9) == -1


def test_search_takes_linear_time() -> None:
    started = time.process_time()
    for data in (b"c" * 1_000_000, b"ca\n" * 300_000, b"\x8c\x7fa" * 300_000, b"\x80" * 1_000_000):
        find_beginning(data)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("protocol", range(2, 6))
def test_what_python_writes_begins_so(protocol: int) -> None:
    assert cpython.dumps([1], protocol)[:2] in STARTS


def test_near_miss_a_protocol_that_no_writer_names() -> None:
    assert not {b"\x80\x01", b"\x80\x06", b"\x89P"} & set(STARTS)
