from __future__ import annotations

from modelward.formats.python_source import judge_source


def phases(text: str) -> list[str]:
    return [use.when for use in judge_source(text)]


def test_functions_called_on_import_run_on_import() -> None:
    assert phases("import os\ndef f():\n    os.system('id')\nf()") == ["when it is imported"]
    assert phases("import os\ndef f():\n    os.system('id')\n") == []


def test_classes_made_on_import_run_their_constructors() -> None:
    assert phases("import os\nclass A:\n    def __init__(self):\n        os.system('id')\nA()") == [
        "when it is imported"
    ]


def test_ordinary_classes_may_run_programs() -> None:
    assert phases("import os\nclass A:\n    def __init__(self):\n        os.system('ffmpeg')") == []
