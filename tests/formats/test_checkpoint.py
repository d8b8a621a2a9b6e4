from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    FALSE,
    MARK,
    NONE,
    call,
    fetch,
    number,
    pickle,
    storage,
    tensor,
    text,
    tup,
)

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats import checkpoint
from modelward.formats.budget import Budget
from modelward.formats.checkpoint import Changes, Contents, contents
from modelward.formats.pickle.stream import read_stream
from modelward.formats.source import BytesSource

HOOKS = call("collections", "OrderedDict")


def mapping(**items: bytes) -> bytes:
    return EMPTY_DICT + MARK + b"".join(text(key) + value for key, value in items.items()) + b"u"


def ordered(**items: bytes) -> bytes:
    return HOOKS + MARK + b"".join(text(key) + value for key, value in items.items()) + b"u"


def view(offset: int, size: list[int], stride: list[int], *rest: bytes, elements: int = 100) -> bytes:
    parts = [storage("1", elements), number(offset), tup(*map(number, size)), tup(*map(number, stride))]
    return call("torch._utils", "_rebuild_tensor_v2", *parts, FALSE, HOOKS, *rest)


def untyped(dtype: str) -> bytes:
    parts = [storage("2", 16, "UntypedStorage"), number(0), tup(number(2)), tup(number(1)), FALSE, HOOKS]
    return call("torch._utils", "_rebuild_tensor_v3", *parts, fetch("torch", dtype))


def module(
    parameters: bytes, buffers: bytes = EMPTY_DICT, modules: bytes = EMPTY_DICT, passing: bytes = b""
) -> bytes:
    state = mapping(
        training=FALSE,
        _parameters=parameters,
        _buffers=buffers,
        _modules=modules,
        _non_persistent_buffers_set=call("builtins", "set", EMPTY_LIST + MARK + passing + b"e"),
    )
    return fetch("my.model", "Net") + EMPTY_TUPLE + b"\x81" + state + b"b"


def read(*parts: bytes, only: str = "") -> Contents:
    changes = Changes()
    stream = read_stream(BytesSource(pickle(*parts)), 0, changes.notice, Budget())
    assert stream.trouble is None
    return contents(stream.value, changes, only)


def names(*parts: bytes, only: str = "") -> list[str]:
    return [one.name for one in read(*parts, only=only).tensors]


def refusal(*parts: bytes, only: str = "") -> str:
    with pytest.raises(InputError) as caught:
        read(*parts, only=only)
    return str(caught.value)


def test_names_are_the_keys_on_the_way() -> None:
    inner = EMPTY_LIST + MARK + tensor() + mapping(x=tensor()) + b"e"
    assert names(mapping(model=ordered(w=tensor()), list=inner)) == ["model.w", "list.0", "list.1.x"]


def test_number_for_a_key() -> None:
    assert names(EMPTY_DICT + number(7) + tensor() + b"s") == ["7"]


def test_lone_tensor_has_a_name_too() -> None:
    assert names(tensor()) == ["tensor"]


def test_later_value_of_a_key_counts() -> None:
    found = read(EMPTY_DICT + MARK + text("a") + NONE + text("a") + tensor() + b"u")
    assert [one.name for one in found.tensors] == ["a"]
    assert found.left_out == []


def test_what_is_no_tensor_is_left_out_as_a_whole() -> None:
    found = read(mapping(epoch=number(3), args=mapping(lr=number(1)), w=tensor(), odd=call("my", "Thing")))
    assert [(one.name, one.what) for one in found.left_out] == [
        ("epoch", "3"),
        ("args", "a dict"),
        ("odd", "an object made by my.Thing"),
    ]


def test_view_keeps_its_offset_and_strides() -> None:
    (found,) = read(view(5, [2, 3], [10, 2])).tensors
    assert (found.offset, found.shape, found.strides, found.bytes) == (5, (2, 3), (10, 2), 24)


def test_type_of_an_untyped_storage() -> None:
    assert [one.dtype for one in read(untyped("float8_e4m3fn")).tensors] == ["F8_E4M3"]


def test_parameter_and_tensor_of_torch_s_own_class() -> None:
    inner = tup(storage(), number(0), tup(number(4)), tup(number(1)), FALSE, HOOKS)
    parameter = call(
        "torch._tensor",
        "_rebuild_from_type_v2",
        fetch("torch._utils", "_rebuild_tensor_v2"),
        fetch("torch.nn.parameter", "Parameter"),
        inner,
        EMPTY_DICT,
    )
    assert names(
        mapping(a=parameter, b=call("torch._utils", "_rebuild_parameter", tensor(), FALSE, HOOKS))
    ) == [
        "a",
        "b",
    ]


def test_module_gives_its_state_dict() -> None:
    inner = module(
        mapping(weight=tensor(), bias=NONE), mapping(mean=tensor(), mask=tensor()), passing=text("mask")
    )
    assert names(module(EMPTY_DICT, modules=mapping(layer=inner))) == ["layer.weight", "layer.mean"]


def test_torchscript_object_gives_its_attributes() -> None:
    made = fetch("__torch__.m", "Net") + EMPTY_TUPLE + b"\x81" + mapping(training=FALSE, w=tensor()) + b"b"
    assert names(made) == ["w"]


def test_part_of_a_checkpoint() -> None:
    whole = mapping(state_dict=ordered(w=tensor()), optimizer=view(0, [3], [0]))
    assert names(whole, only="state_dict") == ["w"]


def test_part_whose_key_has_dots() -> None:
    assert names(EMPTY_DICT + text("a.b") + mapping(c=tensor()) + b"s", only="a.b") == ["c"]


def test_part_that_is_not_there() -> None:
    with pytest.raises(InputError, match="no 'x' in it") as caught:
        read(mapping(state_dict=mapping(w=tensor())), only="x")
    assert caught.value.help == "it holds state_dict"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (view(0, [3], [0]), "share memory with each other"),
        (view(0, [3, 3], [1, 1]), "share memory with each other"),
        (view(98, [3], [1]), "reaches past the end of its storage"),
        (view(0, [2], [1, 1]), "do not fit each other"),
        (view(0, [2], [1], mapping(conj=b"\x88")), "conjugated or negated"),
        (untyped("complex128"), "the type torch.complex128"),
        (untyped("quint8"), "the type torch.quint8"),
        (call("torch._utils", "_rebuild_sparse_tensor", fetch("torch", "sparse_coo")), "made by _rebuild_s"),
        (call("torch._utils", "_rebuild_qtensor", storage()), "made by _rebuild_qtensor"),
        (call("torch._utils", "_rebuild_meta_tensor_no_storage", storage()), "made by _rebuild_meta"),
        (
            call("torch._tensor", "_rebuild_from_type_v2", NONE, fetch("evil", "Tensor"), EMPTY_TUPLE, NONE),
            "the class evil.Tensor",
        ),
        (call("my", "Thing", tensor()), "a tensor within an object made by my.Thing"),
        (b"\x8f" + MARK + tensor() + b"\x90", "a tensor within a set"),
        (storage(), "a tensor within"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_exactly_is_refused_by_its_name(made: bytes, reason: str) -> None:
    message = refusal(mapping(fine=tensor(), w=made))
    assert message.startswith("w: ")
    assert reason in message


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (EMPTY_DICT + MARK + text("a.b") + tensor() + text("a") + mapping(b=tensor()) + b"u", "two tensors"),
        (mapping(__metadata__=tensor()), "cannot have this name"),
        (mapping(**{"\ud800": tensor()}), "not plain text"),
    ],
)
def test_names_that_a_file_cannot_hold(made: bytes, reason: str) -> None:
    assert reason in refusal(made)


def test_storage_of_two_kinds() -> None:
    two = EMPTY_LIST + MARK + tensor(elements=4) + tensor(elements=8) + b"e"
    stream = read_stream(BytesSource(pickle(two)), 0, Changes().notice, Budget())
    assert "two different ones" in (stream.trouble or "")


def test_things_in_each_other_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = EMPTY_LIST + b"q\x00" + MARK + b"h\x00" + tensor() + b"e"
    with pytest.raises(LimitExceeded):
        read(ring)


def test_few_bytes_that_stand_for_many_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "MAX_LEAVES", 1000)
    made = tensor() + b"q\x00"
    for index in range(12):
        made += (
            bytes([ord("0")])
            + EMPTY_LIST
            + MARK
            + (b"h" + bytes([index])) * 2
            + b"e"
            + b"q"
            + bytes([index + 1])
        )
    with pytest.raises(LimitExceeded, match="over 1000 things"):
        read(made)
