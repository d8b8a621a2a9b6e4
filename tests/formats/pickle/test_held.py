from __future__ import annotations

import base64
import pickle as cpython

import pytest
from tests.formats.assemble import SHELL, call, data, fetch, number, pickle, text

from modelward.formats.budget import Budget
from modelward.formats.pickle.held import held_pickles

SHELL_PICKLE = pickle(SHELL)
PROTOCOL_4 = pickle(SHELL, proto=b"\x80\x04\x95" + (len(SHELL) + 1).to_bytes(8, "little"))


def found(stream: bytes) -> list[tuple[str, str]]:
    return [(held.form, held.act.judgement.subject) for held in held_pickles(stream, Budget())]


@pytest.mark.parametrize("inner", [SHELL_PICKLE, PROTOCOL_4])
@pytest.mark.parametrize("protocol", range(6))
def test_payload_in_bytes_that_any_protocol_writes(inner: bytes, protocol: int) -> None:
    outer = cpython.dumps({"weights": inner * 1}, protocol)
    assert found(outer) == ([("bytes", "posix.system")] if protocol else [])


@pytest.mark.parametrize("inner", [SHELL_PICKLE, PROTOCOL_4])
def test_payload_in_text(inner: bytes) -> None:
    assert found(pickle(text(base64.b64encode(inner).decode()))) == [("Base64", "posix.system")]
    assert found(pickle(text(base64.urlsafe_b64encode(inner).decode().rstrip("=")))) == [
        ("Base64", "posix.system")
    ]
    assert found(pickle(text(inner.hex()))) == [("hexadecimal", "posix.system")]


def test_payload_within_a_pickle_within_a_pickle() -> None:
    middle = pickle(data(SHELL_PICKLE))
    assert found(pickle(data(middle)))[0] == ("bytes", "posix.system")


@pytest.mark.parametrize(
    "inner",
    [
        pickle(number(1)),
        pickle(call("collections", "OrderedDict")),
        pickle(fetch("acme", "Net")),  # a class that is only named
        SHELL_PICKLE[:-1],  # not whole
        b"\x80\x02" + b"no pickle at all.",
    ],
)
def test_near_miss_data_that_do_nothing(inner: bytes) -> None:
    assert found(pickle(data(inner))) == []
    assert found(pickle(text(base64.b64encode(inner).decode()), text(inner.hex()))) == []


def test_text_of_many_beginnings_ends_soon() -> None:
    assert found(pickle(text("gASV" * 50_000), data(b"\x80\x04" * 50_000))) == []
