from __future__ import annotations

import pytest

from modelward.formats.python_source import judge_source


def phases(text: str) -> list[str]:
    return [use.when for use in judge_source(text)]


def test_functions_called_on_import_run_on_import() -> None:
    assert phases("import os\ndef f():\n    os.system('id')\nf()") == ["when it is imported"]
    assert phases("import os\ndef f():\n    os.system('id')\n") == []


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


def test_classes_made_on_import_run_their_constructors() -> None:
    assert phases("import os\nclass A:\n    def __init__(self):\n        os.system('id')\nA()") == [
        "when it is imported"
    ]


@pytest.mark.parametrize("base", ["BaseHandler", "mlflow.pyfunc.PythonModel", "PreTrainedModel", "nn.Module"])
def test_methods_that_loaders_call(base: str) -> None:
    text = f"import os\nclass A({base}):\n    def initialize(self, context):\n        os.system('id')"
    assert phases(text) == ["when the model is loaded or used"]


def test_ordinary_classes_may_run_programs() -> None:
    assert phases("import os\nclass A:\n    def __init__(self):\n        os.system('ffmpeg')") == []


def test_attributes_of_self_are_followed() -> None:
    text = (
        "import os\nclass A(Module):\n    def __init__(self):\n        self.run = os.system\n"
        "    def forward(self, x):\n        self.run('id')"
    )
    assert phases(text) == ["when the model is loaded or used"]
