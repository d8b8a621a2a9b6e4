import inspect
from importlib import import_module

import pytest

from modelward.data.checks.behaviours.known import NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_behaviour_is_a_module_with_its_help(name: str) -> None:
    module = import_module(f"modelward.data.checks.behaviours.{name}")
    assert module.__doc__
    assert inspect.isgeneratorfunction(module.behaviours)
