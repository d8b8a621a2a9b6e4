"""Running the command of a step: no shell; its exit code and our signals pass through."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from modelward.attest.keys.file import PASSPHRASE_VARIABLE
from modelward.attest.keys.pkcs11 import PIN_VARIABLE
from modelward.core.errors import InputError

#: What unlocks the signer's key must not reach the command (DESIGN section 4).
WITHHELD = (PASSPHRASE_VARIABLE, PIN_VARIABLE)

_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


def run_command(command: Sequence[str], *, stdout: int | None = None) -> int:
    """Run `command` to its end and return its exit code, 128 + N if signal N ended it.

    It inherits the environment less WITHHELD, the terminal, and the working directory. `stdout` is a
    descriptor to write to instead of our own. Raises InputError if it cannot be started.
    """
    environment = {name: value for name, value in os.environ.items() if name not in WITHHELD}
    with _forwarding() as target:
        try:
            process = subprocess.Popen(list(command), env=environment, stdout=stdout)
        except FileNotFoundError:
            raise InputError(
                "no such command", where=command[0], help="give its path, or a name on PATH"
            ) from None
        except OSError as error:
            raise InputError(f"cannot run the command: {error.strerror}", where=command[0]) from error
        target.attach(process)
        code = process.wait()
    return code if code >= 0 else 128 - code


class _Target:
    """The child that signals go to, and those that came before it was there."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def attach(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if number in _FROM_TERMINAL and _in_foreground():
            return  # the terminal has signalled the child too
        if self._process is None:
            self._early.append(number)
        else:
            self._process.send_signal(number)


@contextmanager
def _forwarding() -> Iterator[_Target]:
    """Hand our signals to the child while it runs. Only the main thread can."""
    target = _Target()
    if threading.current_thread() is not threading.main_thread():
        yield target
        return
    before = {number: signal.signal(number, target) for number in _FORWARDED}
    try:
        yield target
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
