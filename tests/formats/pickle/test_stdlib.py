from __future__ import annotations

import sys

import pytest

from modelward.formats.pickle.stdlib import MODULES, is_data, is_standard


def test_every_module_of_this_python_is_known() -> None:
    assert set(sys.stdlib_module_names) - MODULES <= {"chunk", "this"}  # names of people's own modules too


@pytest.mark.parametrize(
    "module", ["os", "os.path", "urllib2", "_pyrepl.pager", "test.support", "lib2to3.pgen2.pgen"]
)
def test_standard_modules(module: str) -> None:
    assert is_standard(module)


@pytest.mark.parametrize("module", ["", "numpy", "code.models", "parser", "queue.jobs", "osmosis"])
def test_near_miss_people_s_own_modules(module: str) -> None:
    assert not is_standard(module)


def test_data_classes() -> None:
    assert is_data("ast", "Module")
    assert is_data("_thread", "RLock")
    assert is_data("typing", "TypeVar")
    assert not is_data("ast", "literal_eval")
    assert not is_data("threading", "Thread")
    assert not is_data("typing", "_GenericAlias.x")
