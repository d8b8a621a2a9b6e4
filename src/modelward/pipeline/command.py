"""Running the command of a step: no shell; its exit code and our signals pass through."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

from modelward.attest.keys.file import PASSPHRASE_VARIABLE
from modelward.attest.keys.pkcs11 import PIN_VARIABLE
from modelward.core.errors import InputError

#: What unlocks the signer's key must not reach the command (DESIGN section 4).
WITHHELD = (PASSPHRASE_VARIABLE, PIN_VARIABLE)

_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_FROM_TERMINAL = (signal.SIGINT, signal.SIGQUIT)


def child_environment() -> dict[str, str]:
    """This environment less WITHHELD."""
    return {name: value for name, value in os.environ.items() if name not in WITHHELD}


def run_command(
    command: Sequence[str], *, stdout: int | None = None, environment: Mapping[str, str] | None = None
) -> int:
    """Run `command` to its end and return its exit code, 128 + N if signal N ended it.

    It inherits the environment less WITHHELD unless given another, the terminal, and the working directory.
    `stdout` is a descriptor to write to instead of our own. Raises InputError if it cannot be started.
    """
    given = child_environment() if environment is None else environment
    with forwarding() as target:
        try:
            process = subprocess.Popen(list(command), env=given, stdout=stdout)
        except FileNotFoundError:
            raise InputError(
                "no such command", where=command[0], help="give its path, or a name on PATH"
            ) from None
        except OSError as error:
            raise InputError(f"cannot run the command: {error.strerror}", where=command[0]) from error
        target.attach(process.send_signal)
        code = process.wait()
    return code if code >= 0 else 128 - code


class Target:
    """Where signals go once there is something to send them to; those that came before are kept."""

    def __init__(self) -> None:
        self._send: Callable[[int], object] | None = None
        self._early: list[int] = []

    def attach(self, send: Callable[[int], object]) -> None:
        """Send signals by `send` from now on."""
        self._send = send
        for number in self._early:
            send(number)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """The handler."""
        if number in _FROM_TERMINAL and _in_foreground():
            return  # the terminal has signalled the child too
        if self._send is None:
            self._early.append(number)
        else:
            self._send(number)


@contextmanager
def forwarding() -> Iterator[Target]:
    """Hand our signals to the child while it runs. Only the main thread can."""
    target = Target()
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
