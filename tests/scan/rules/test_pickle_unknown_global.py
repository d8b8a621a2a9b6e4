from __future__ import annotations

from tests.formats.assemble import EMPTY_DICT, EMPTY_TUPLE, call, fetch, pickle, stack_fetch, text
from tests.scan.examine import examine, rules


def test_unknown_global_is_named_once_with_its_call() -> None:
    made = fetch("sklearn.svm", "SVC") + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + b"b"
    (finding,) = examine(pickle(made, made)).findings
    assert finding.rule == "pickle-unknown-global"
    assert finding.expression == "sklearn.svm.SVC()"
    assert finding.count == 6


def test_dotted_name_is_unknown() -> None:
    assert rules(pickle(stack_fetch("collections", "OrderedDict.fromkeys"))) == ["pickle-unknown-global"]


def test_extension_is_unknown() -> None:
    assert rules(pickle(b"\x82\x01")) == ["pickle-unknown-global"]


def test_near_miss() -> None:
    assert rules(pickle(call("collections", "Counter"), text("sklearn.svm.SVC"), b"0")) == []
