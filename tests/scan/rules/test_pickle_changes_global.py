from __future__ import annotations

from tests.formats.assemble import EMPTY_DICT, NONE, call, fetch, pickle, text
from tests.scan.examine import examine, rules

from modelward.core.finding import Severity


def test_attribute_of_a_function_is_set() -> None:
    (finding,) = examine(pickle(fetch("numpy", "dtype"), EMPTY_DICT, text("shape"), NONE, b"sb")).findings
    assert finding.rule == "pickle-changes-global"
    assert finding.severity is Severity.ERROR
    assert finding.expression == "numpy.dtype.__setstate__({'shape': None})"


def test_item_is_put_into_a_global() -> None:
    assert rules(pickle(fetch("collections", "OrderedDict"), text("k"), NONE, b"s")) == [
        "pickle-changes-global"
    ]


def test_near_miss_state_of_a_fresh_instance() -> None:
    assert rules(pickle(call("argparse", "Namespace"), EMPTY_DICT, text("lr"), NONE, b"sb")) == []
