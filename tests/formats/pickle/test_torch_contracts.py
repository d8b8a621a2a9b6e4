from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    FALSE,
    NONE,
    call,
    fetch,
    number,
    pickle,
    run,
    storage,
    tensor,
    text,
    tup,
)

from modelward.formats.pickle.judge import Opinion, judge


def opinions(*parts: bytes) -> list[str]:
    result, events = run(pickle(*parts))
    assert result.trouble is None
    found = [judge(event, torch=True) for event in events]
    return [judgement.reason for judgement in found if judgement.opinion is not Opinion.ALLOWED]


ORDERED = call("collections", "OrderedDict")


def view(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> bytes:
    sizes, strides = (tup(*map(number, numbers)) for numbers in (size, stride))
    return call(
        "torch._utils", "_rebuild_tensor_v2", storage("0", 6), number(offset), sizes, strides, FALSE, ORDERED
    )


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (6,), (1,)),
        (0, (2, 3), (3, 1)),
        (0, (9, 9), (0, 0)),
        (5, (), ()),
        (0, (0, 9), (9, 1)),
        (4, (2,), (1,)),
    ],
)
def test_tensor_within_its_storage(offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
    assert opinions(view(offset, size, stride)) == []


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [(0, (7,), (1,)), (1, (6,), (1,)), (6, (), ()), (0, (2, 2), (5, 1)), (0, (2,), (1 << 30,))],
)
def test_tensor_past_the_end_of_its_storage(
    offset: int, size: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    assert opinions(view(offset, size, stride)) == ["it reaches past the end of its storage"]


def test_tensor_with_negative_stride_or_lengths_that_differ() -> None:
    assert opinions(view(0, (2,), (-1,)))
    assert opinions(view(0, (2,), (1, 1))) == ["its size and stride differ in length"]


@pytest.mark.parametrize(("elements", "size", "within"), [(10, 5, True), (10, 6, False), (9, 5, False)])
def test_tensor_over_untyped_bytes(elements: int, size: int, within: bool) -> None:
    untyped = tup(
        text("storage"), fetch("torch.storage", "UntypedStorage"), text("0"), text("cpu"), number(elements)
    )
    made = call(
        "torch._utils",
        "_rebuild_tensor_v3",
        untyped + b"Q",
        number(0),
        tup(number(size)),
        tup(number(1)),
        FALSE,
        ORDERED,
        fetch("torch", "uint16"),
    )
    assert opinions(made) == ([] if within else ["it reaches past the end of its storage"])


def test_parameter() -> None:
    assert opinions(call("torch._utils", "_rebuild_parameter", tensor(), FALSE, ORDERED)) == []
    assert opinions(call("torch._utils", "_rebuild_parameter", fetch("collections", "deque"), FALSE, ORDERED))


ARGUMENTS = tup(storage(), number(0), tup(number(4)), tup(number(1)), FALSE, ORDERED)
REBUILD = fetch("torch._utils", "_rebuild_tensor_v2")


def from_type(*arguments: bytes) -> bytes:
    return call("torch._tensor", "_rebuild_from_type_v2", *arguments)


def test_rebuilding_by_type_calls_known_functions_only() -> None:
    tensor_type = fetch("torch", "Tensor")
    assert opinions(from_type(REBUILD, tensor_type, ARGUMENTS, NONE)) == []
    assert opinions(from_type(REBUILD, tensor_type, ARGUMENTS, EMPTY_DICT)) == []
    ordered = from_type(fetch("collections", "OrderedDict"), tensor_type, tup(text("id")), NONE)
    assert opinions(ordered) == ["its argument 1 is not what it should be"]
    assert opinions(from_type(REBUILD, tensor_type, tup(text("id")), NONE))
    assert opinions(from_type(REBUILD, fetch("collections", "deque"), ARGUMENTS, NONE))
