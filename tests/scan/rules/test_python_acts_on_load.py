from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.python_source import judge_source


def test_packages_installed_on_import() -> None:
    (use,) = judge_source("import os\nos.system('pip install x')")
    (found,) = findings(use)
    assert (found.rule, found.severity) == ("python-acts-on-load", Severity.WARNING)
    assert found.message == "this Python code installs packages when it is imported"


def test_near_miss() -> None:
    assert list(judge_source("import os\ndef f():\n    os.system('pip install x')")) == []
