from __future__ import annotations

from tests.formats.assemble import EMPTY_LIST, call, pickle, text, tup
from tests.scan.examine import examine, rules


def test_ordered_dict_of_a_command() -> None:
    (finding,) = examine(pickle(call("collections", "OrderedDict", text("cmd")))).findings
    assert finding.rule == "pickle-unexpected-use"
    assert finding.message.startswith("loading this file uses collections.OrderedDict in an unexpected way: ")


def test_call_of_what_was_made() -> None:
    assert rules(pickle(call("collections", "OrderedDict"), tup(), b"R")) == ["pickle-unexpected-use"]


def test_near_miss_ordered_dict_of_pairs() -> None:
    pairs = EMPTY_LIST + EMPTY_LIST + b"(" + text("k") + text("v") + b"ea"
    assert rules(pickle(call("collections", "OrderedDict", pairs))) == []
