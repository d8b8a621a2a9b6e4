from __future__ import annotations

import pytest

from modelward.formats.pickle.sinks import effect


@pytest.mark.parametrize(
    ("module", "name", "what"),
    [
        ("posix", "system", "runs a shell command"),
        ("os", "execv", "runs a program"),
        ("nt", "remove", "calls the operating system"),
        ("subprocess", "Popen", "runs a program"),
        ("builtins", "eval", "runs Python code"),
        ("pip._internal", "main", "runs a program"),
        ("importlib", "import_module", "imports or reaches anything by name"),
        ("builtins", "eval.__call__", "runs Python code"),
        ("builtins", "open.__self__.len", "reads or writes files"),
        ("builtins", "evaluate.__call__", None),
        ("builtins", "getattr", "imports or reaches anything by name"),
        ("pathlib", "os.system", "runs a shell command"),
        ("m", "Popen.subprocess.run", None),
        ("numpy.f2py.crackfortran", "getlincoef", "runs Python code"),
        ("collections", "OrderedDict", None),
        ("osmosis", "system", None),
        ("", "", None),
        ("a." * 1000, "b." * 1000, None),
    ],
)
def test_what_a_global_does(module: str, name: str, what: str | None) -> None:
    assert effect(module, name) == what
