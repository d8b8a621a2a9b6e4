from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble_msgpack import Raw, array, pack

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import EmbeddedCode, Malformed, Overflow
from modelward.formats.metadata_code import MetadataCode
from modelward.formats.msgpack import NotMsgpack, Payload, Walked, facts
from modelward.formats.source import BytesSource

MODEL = {
    "params": {"dense": {"kernel": array([3, 4]), "bias": array([4])}},
    "step": 5,
    "done": [1.5, None, True],
}


def found(value: Any) -> list[object]:
    data = value if isinstance(value, bytes) else pack(value)
    return list(facts(BytesSource(data), Walked()))


def test_checkpoint_shows_nothing_and_its_arrays_are_counted() -> None:
    walked = Walked()
    assert list(facts(BytesSource(pack(MODEL)), walked)) == []
    assert walked.arrays == 2


@pytest.mark.parametrize("shape", [[1 << 62, 1 << 62], [1 << 63]])
def test_shape_that_overflows(shape: list[int]) -> None:
    (fact,) = found({"a": array(shape, data=b"")})
    assert isinstance(fact, Overflow)


@pytest.mark.parametrize(
    "value",
    [
        {"a": array([4], data=bytes(4))},
        {"a": Raw(b"\xc7\x03\x01abc")},
        {"a": Raw(b"\xc7\x06\x01" + b"\x93\x91\x01\xa1f\x01")},
        Raw(b"\x82\xa1a\x01\xa1a\x02"),
    ],
    ids=range(4),
)
def test_arrays_that_are_not_what_they_say(value: Any) -> None:
    assert [type(fact) for fact in found(value if isinstance(value, dict) else value.data)] == [Malformed]


def test_object_arrays_that_msgpack_numpy_unpickles() -> None:
    data = pack({"nd": True, "kind": "O", "data": b"cos\nsystem\n."})
    (fact,) = found(data)
    assert isinstance(fact, Payload)
    assert data[fact.begin : fact.begin + fact.length] == b"cos\nsystem\n."


def test_object_array_of_flax_is_a_payload() -> None:
    (fact,) = found({"a": array([1], "object", b"\x80\x04.")})
    assert isinstance(fact, Payload)


def test_bytes_that_begin_as_a_pickle_are_a_payload() -> None:
    (fact,) = found({"a": b"\x80\x04N."})
    assert isinstance(fact, Payload)
    assert found({"a": b"just bytes"}) == []


@pytest.mark.parametrize("key", ["__reduce__", "restore_fn", "code", "__builtins__"])
@pytest.mark.parametrize("value", ["os.system", b"import os; os.system('id')", ["eval", "x"]])
def test_fields_for_code(key: str, value: Any) -> None:
    (fact,) = found({"params": {}, key: value})
    assert isinstance(fact, EmbeddedCode)
    assert fact.harm is not None


def test_words_in_other_fields_are_data() -> None:
    assert found({"params": {}, "name": "os.system", "apply_fn": "relu", "token": "__reduce__"}) == []


def test_several_values_one_after_another() -> None:
    (fact,) = found(pack(MODEL) + pack({"__reduce__": "os.system"}))
    assert isinstance(fact, EmbeddedCode)


@pytest.mark.parametrize("data", [b"\x80\x04.", b"\x80", b"", b"\x81\xa1a\x01\xc1", pack({1: 2}) + b"\x05"])
def test_other_bytes_are_no_checkpoint(data: bytes) -> None:
    with pytest.raises(NotMsgpack):
        found(data)


def test_number_keys_are_allowed() -> None:
    assert found({1: 2, 3: "x"}) == []


def test_checkpoint_that_breaks_off() -> None:
    with pytest.raises(InputError):
        found(pack(MODEL)[:-3])


def test_depth_is_bounded() -> None:
    with pytest.raises(LimitExceeded):
        found(b"\x81\xa1a" * 500 + b"\x01")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=5), st.binary(max_size=20))
def test_changed_checkpoints_raise_only_our_errors(changes: list[tuple[int, int]], junk: bytes) -> None:
    data = bytearray(pack(MODEL))
    for at, value in changes:
        data[at % len(data)] = value
    for broken in (bytes(data), bytes(data) + junk, b"\x82" + junk):
        with contextlib.suppress(InputError):
            found(broken)


@pytest.mark.parametrize("kind", [str, bytes])
def test_program_as_a_value_is_noticed(kind: type) -> None:
    program = "__import__('os').system('id')"
    value = program if kind is str else program.encode()
    assert [type(fact) for fact in found({"params": {"note": value}})] == [MetadataCode]


def test_words_as_a_value_are_data() -> None:
    assert found({"params": {"note": "this runs os.system('id') now", "state": b"os.system"}}) == []


def test_program_among_the_words_of_a_list() -> None:
    words: list[object] = ["the", "of", "system", "c\u00e9l\u00e8bre", "eval"]
    assert found(["cB", 2, [words]]) == []
    facts = found([words, [*words, "os.system('id')"]])
    assert [type(fact) for fact in facts] == [MetadataCode]


@pytest.mark.parametrize("order", [("data", "kind"), ("kind", "data")])
def test_an_array_of_objects_is_a_pickle_in_any_order_of_its_fields(order: tuple[str, str]) -> None:
    fields = {"data": b"cos\nsystem\n(S'id'\ntR.", "kind": "O"}
    assert [fact for fact in found({name: fields[name] for name in order}) if isinstance(fact, Payload)]


def test_other_fields_beside_an_array_of_objects_hide_no_pickle() -> None:
    value = {"type": "O", "weights": b"\x80\x04N."}
    assert [fact for fact in found(value) if isinstance(fact, Payload)]
