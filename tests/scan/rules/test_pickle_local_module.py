from __future__ import annotations

from tests.formats.assemble import call, fetch, pickle

from modelward.core.finding import Report
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place


def examined(data: bytes, *siblings: str, pinned: frozenset[str] = frozenset()) -> Report:
    examination = Examination(pinned=pinned)
    examination.examine(BytesSource(data), Place("model.bin", "model.bin", siblings=frozenset(siblings)))
    return examination.report


NET = pickle(fetch("modeling_x", "Net"))


def test_class_of_a_module_beside_the_file() -> None:
    for sibling in ("modeling_x.py", "src/modeling_x.py", "modeling_x/__init__.py", "modeling_x/net.py"):
        (finding,) = examined(NET, "model.bin", sibling).findings
        assert finding.rule == "pickle-local-module"
        assert finding.message == f"loading this file imports and runs {sibling}, for modeling_x.Net"


def test_near_miss_no_such_module() -> None:
    for sibling in ("modeling_y.py", "modeling_x.txt", "modeling_x/notes.md"):
        (finding,) = examined(NET, "model.bin", sibling).findings
        assert finding.rule == "pickle-unknown-global"


def test_known_global_is_not_looked_for_beside_the_file() -> None:
    assert examined(pickle(call("collections", "OrderedDict")), "collections.py").findings == []


def test_pinned_global_is_allowed_wherever_its_code_is() -> None:
    assert examined(NET, "modeling_x.py", pinned=frozenset({"modeling_x.Net"})).findings == []
