"""Allowed globals, abused: what the classes behind them do with what they are given while a pickle loads."""

from __future__ import annotations

import pytest
from tests.formats.assemble import (
    BUILD,
    EMPTY_DICT,
    FALSE,
    NONE,
    PROTO4,
    REDUCE,
    TRUE,
    call,
    data,
    fetch,
    number,
    pickle,
    text,
    tup,
)
from tests.scan.examine import examine

from modelward.core.finding import Verdict

GETATTR = fetch("builtins", "getattr")
EMPTY = b"]"


def new(module: str, name: str) -> bytes:
    return fetch(module, name) + b")\x81"


def dictionary(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"d"


def listed(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"l"


def partial(function: bytes, *arguments: bytes, keywords: bytes = EMPTY_DICT) -> bytes:
    made = fetch("functools", "partial") + tup(function) + REDUCE
    return made + tup(function, tup(*arguments), keywords, NONE) + BUILD


def state(made: bytes, *items: bytes) -> bytes:
    return made + dictionary(*items) + BUILD


def dtype(name: str, copy: bytes = TRUE) -> bytes:
    return call("numpy", "dtype", text(name), FALSE, copy)


def dtype_state(*, names: bytes = NONE, fields: bytes = NONE, size: int = -1, flags: int = 0) -> bytes:
    numbers = (number(size), number(1 if size > 0 else -1), number(flags))
    return tup(number(3), text("|"), NONE, names, fields, *numbers) + BUILD


SORTED = partial(fetch("torch", "relu"), EMPTY)
OBJECTS = dtype("O8") + dtype_state(flags=63)
AS_OBJECTS = dtype_state(
    names=tup(text("a")), fields=dictionary(text("a"), tup(OBJECTS, number(0))), size=8, flags=63
)
ARRAY = call("numpy.core.multiarray", "_reconstruct", fetch("numpy", "ndarray"), tup(number(0)), data(b"b"))
OF_MEMO = tup(number(1), tup(number(1)), b"h\x64", FALSE, data(b"AAAAAAAA")) + BUILD
EXEC = dictionary(text("_parse_arg_template"), NONE, text("import os; os.system('id')"), NONE)
PAIRS = call("collections", "OrderedDict", listed(tup(text("a"), NONE), tup(text("b"), NONE)))

ABUSES = {
    "partial that calls what it is given": pickle(partial(fetch("builtins", "map"), GETATTR, EMPTY)),
    "partial that hands on getattr": pickle(
        partial(fetch("torch", "relu"), keywords=dictionary(text("key"), GETATTR))
    ),
    "partial of partial": pickle(partial(fetch("functools", "partial"), fetch("builtins", "map"))),
    "partial of attrgetter": pickle(partial(fetch("operator", "attrgetter"), text("__globals__"))),
    "APPENDS finds extend among the attributes": pickle(
        state(new("collections", "UserList"), text("extend"), SORTED), b"(", text("x"), b"e"
    ),
    "APPEND finds append among the attributes": pickle(
        state(new("collections", "UserList"), text("append"), fetch("builtins", "map")), text("x"), b"a"
    ),
    "ADDITEMS finds add among the attributes": pickle(
        state(new("collections", "UserList"), text("add"), SORTED), b"(", text("x"), b"\x90", proto=PROTO4
    ),
    "an optimizer's __setstate__ calls a method that is in the state": pickle(
        state(new("torch.optim.sgd", "SGD"), text("_patch_step_function"), SORTED)
    ),
    "an estimator's __setstate__ calls a method that is in the state": pickle(
        state(new("sklearn.isotonic", "IsotonicRegression"), text("_build_f"), SORTED)
    ),
    "joblib calls the method read of its wrapper": pickle(
        state(new("joblib.numpy_pickle", "NumpyArrayWrapper"), text("read"), SORTED)
    ),
    "a pair as state of a distribution, whose keys become its parser": pickle(
        new("scipy.stats._continuous_distns", "norm_gen"), tup(EXEC, PAIRS), BUILD
    ),
    "a method that attaches the parser, replaced": pickle(
        state(new("scipy.stats._continuous_distns", "norm_gen"), text("_attach_methods"), SORTED)
    ),
    "a transformer that is downloaded in __setstate__": pickle(
        state(new("flair.embeddings.document", "TransformerDocumentEmbeddings"), text("model"), text("a/b"))
    ),
    "a dtype made to hold objects after an array was made of it": pickle(
        dtype("V8") + b"q\x64", b"0", ARRAY, OF_MEMO, b"h\x64", AS_OBJECTS
    ),
    "a dtype whose state is set twice": pickle(
        dtype("V8") + b"q\x64", dtype_state(size=8), b"0", ARRAY, OF_MEMO, b"h\x64", AS_OBJECTS
    ),
    "a dtype that all share, changed": pickle(dtype("f8", FALSE), dtype_state()),
}


@pytest.mark.parametrize("content", ABUSES.values(), ids=ABUSES)
def test_abuse_of_an_allowed_global_is_not_clean(content: bytes) -> None:
    assert examine(content).verdict in (Verdict.MALICIOUS, Verdict.UNVERIFIED)


BENIGN = {
    "partial of a layer": pickle(
        partial(fetch("torch.nn.modules.normalization", "LayerNorm"), keywords=dictionary(text("eps"), NONE))
    ),
    "partial of a function that computes": pickle(partial(fetch("builtins", "round"), number(2))),
    "an attribute named like a method": pickle(
        state(new("collections", "UserList"), text("values"), EMPTY, text("add"), TRUE)
    ),
    "an array's dtype, used again": pickle(
        dtype("V8") + b"q\x64", dtype_state(size=8), b"0", ARRAY, OF_MEMO, b"0", ARRAY, OF_MEMO
    ),
    "an array of objects": pickle(ARRAY, tup(number(1), tup(number(1)), OBJECTS, FALSE, listed(NONE)), BUILD),
}


@pytest.mark.parametrize("content", BENIGN.values(), ids=BENIGN)
def test_the_same_used_as_it_should_be_is_clean(content: bytes) -> None:
    assert examine(content).verdict is Verdict.CLEAN


UTF8 = "é" * 30 + "0cos\nsystem\n(Vid\ntR."
NESTED = "U\x3c" + UTF8.ljust(60, "x") + "."  # in Latin-1 all of this is one text


@pytest.mark.parametrize(
    "content",
    [call("_codecs", "encode", text(NESTED)), call("builtins", "bytearray", text(NESTED), text("utf-8"))],
)
def test_nested_pickle_is_read_in_the_encoding_that_the_loader_uses(content: bytes) -> None:
    nested = call("torch.storage", "_load_from_bytes", content)
    assert examine(pickle(nested)).verdict is Verdict.MALICIOUS


@pytest.mark.parametrize(("module", "name"), [("os", "system"), ("numpy", "load"), ("evil", "run")])
def test_function_that_is_imported_as_a_ufunc_is_an_attack(module: str, name: str) -> None:
    found = call("numpy.core", "_ufunc_reconstruct", text(module), text(name))
    assert examine(pickle(found, tup(text("id")), REDUCE)).verdict is Verdict.MALICIOUS
