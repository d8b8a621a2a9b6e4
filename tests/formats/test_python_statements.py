from __future__ import annotations

import pytest

from modelward.formats.python_source import judge_source


def phases(text: str) -> list[str]:
    return [use.when for use in judge_source(text)]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("__name__ == '__main__'", []),
        ("sys.platform != 'win32' and __name__ == '__main__'", []),
        ("'__main__' == __name__", []),
        ("__name__ != '__main__'", ["when it is imported"]),
        ("__name__ == 'model'", ["when it is imported"]),
        ("sys.platform != 'win32' or __name__ == '__main__'", ["when it is imported"]),
    ],
)
def test_what_runs_only_as_a_program_is_not_imported(test: str, expected: list[str]) -> None:
    assert phases(f"import os, sys\nif {test}:\n    os.system('id')") == expected


@pytest.mark.parametrize("base", ["BaseHandler", "mlflow.pyfunc.PythonModel", "PreTrainedModel", "nn.Module"])
def test_methods_that_loaders_call(base: str) -> None:
    text = f"import os\nclass A({base}):\n    def initialize(self, context):\n        os.system('id')"
    assert phases(text) == ["when the model is loaded or used"]


def test_attributes_of_self_are_followed() -> None:
    text = (
        "import os\nclass A(Module):\n    def __init__(self):\n        self.run = os.system\n"
        "    def forward(self, x):\n        self.run('id')"
    )
    assert phases(text) == ["when the model is loaded or used"]


@pytest.mark.parametrize(
    "text",
    [
        "import os as o\no.system('id')",
        "from os import system as s\ns('id')",
        "from os import *\nsystem('id')",
        "import os\nrun, _ = os.system, 1\nrun('id')",
        "import os\nfor run in [1]:\n    with open('x') as f:\n        os.system('id')",
        "import os\ndef f(x: os.system('id')):\n    pass",
        "import os\nclass A(os.system('id')):\n    pass",
    ],
)
def test_a_command_runs_on_import_however_its_function_is_named(text: str) -> None:
    assert phases(text) == ["when it is imported"]


def test_a_name_that_was_bound_again_is_the_new_one() -> None:
    assert phases("import os\nrun = os.system\nrun = print\nrun('id')") == []
