"""The command's exit code comes back, our signals go in, and the key's passphrase stays out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from modelward.core.errors import InputError
from modelward.pipeline.command import run_command


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_exit_code_passes_through(code: int) -> None:
    assert run_command([sys.executable, "-c", f"raise SystemExit({code})"]) == code


def test_death_by_signal_is_told_as_shells_do() -> None:
    assert run_command([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 137


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    assert run_command([sys.executable, "-c", script, str(out), "$(id); `id` && *"]) == 0
    assert out.read_text() == "$(id); `id` && *"


def test_command_that_is_not_there() -> None:
    with pytest.raises(InputError, match="no such command"):
        run_command(["no-such-command-here"])


def test_command_that_may_not_be_run(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("x")
    with pytest.raises(InputError, match="cannot run"):
        run_command([str(plain)])


@pytest.mark.parametrize("secret", ["MODELWARD_PASSPHRASE", "MODELWARD_PIN"])
def test_passphrase_and_pin_do_not_reach_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str
) -> None:
    monkeypatch.setenv(secret, "correct-horse")
    monkeypatch.setenv("OTHER", "kept")
    out = tmp_path / "out"
    script = "import os, sys; open(sys.argv[1], 'w').write(str(dict(os.environ)))"
    run_command([sys.executable, "-c", script, str(out)])
    assert "correct-horse" not in out.read_text()
    assert "kept" in out.read_text()


def test_output_can_be_sent_elsewhere(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as stream:
        run_command([sys.executable, "-c", "print('hello')"], stdout=stream.fileno())
    assert (tmp_path / "out").read_text() == "hello\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_reaches_the_command_and_its_answer_comes_back(tmp_path: Path, number: int) -> None:
    ready = tmp_path / "ready"
    child = (
        "import signal, sys, time, pathlib\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(33))\n"
        "pathlib.Path(sys.argv[1]).touch()\n"
        "time.sleep(60)\n"
    )
    parent = (
        "import sys; from modelward.pipeline.command import run_command\n"
        "sys.exit(run_command([sys.executable, '-c', sys.argv[1], sys.argv[2]]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", parent, child, str(ready)], start_new_session=True, stdin=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while not ready.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(timeout=20) == 33


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    run_command([sys.executable, "-c", "pass"])
    assert signal.getsignal(signal.SIGTERM) is before


def test_other_threads_can_run_commands_too() -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(run_command([sys.executable, "-c", "exit(5)"])))
    thread.start()
    thread.join()
    assert codes == [5]


def test_working_directory_is_inherited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_command([sys.executable, "-c", "open('here', 'w').write('x')"])
    assert os.listdir(tmp_path) == ["here"]
