from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest

from modelward.cli import progress as module
from modelward.cli.progress import Bar, progress
from modelward.core.progress import Silent

PROGRAM = """
import sys, time
from modelward.cli import progress
progress.DELAY = float(sys.argv[1])
bar = progress.progress("model\\x1b[31m")
bar.start(100 << 20)
for _ in range(10):
    bar.advance(10 << 20)
    time.sleep(0.02)
bar.done()
print("tqdm" in sys.modules)
"""


def on_terminal(delay: str) -> tuple[str, bytes]:
    """What PROGRAM prints, and what a terminal on its stderr shows."""
    terminal, stderr = pty.openpty()
    fcntl.ioctl(stderr, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, delay], stdout=subprocess.PIPE, stderr=stderr, text=True, check=True
    )
    os.close(stderr)
    shown = b""
    try:
        while data := os.read(terminal, 4096):
            shown += data
    except OSError:  # the other end is closed
        pass
    os.close(terminal)
    return run.stdout, shown


def test_bar_shows_on_a_terminal_and_is_gone_when_done() -> None:
    loaded, shown = on_terminal("0.05")
    assert loaded == "True\n"
    assert b"model\\x1b[31m" in shown
    assert b"100M" in shown
    assert shown.endswith(b"\r")


def test_short_work_shows_nothing_and_imports_nothing() -> None:
    assert on_terminal("60") == ("False\n", b"")


def test_without_a_terminal_there_is_nothing() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM, "0"], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("False\n", "")


def test_terminal_decides_which(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress("x"), Silent)
    monkeypatch.setattr(module.sys.stderr, "isatty", lambda: True)
    assert isinstance(progress("x"), Bar)


def test_bar_may_be_finished_before_it_began() -> None:
    bar = Bar("x")
    bar.done()
    bar.start(0)
    bar.done()
