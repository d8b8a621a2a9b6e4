"""The outside of a job: starts the confining interpreter (`inside`), serves the relay, passes signals on.

This process signs, and is the one that the command must not reach: it shares no memory, no descriptor and no
process table with it.
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from modelward.core.errors import InputError, Rejected
from modelward.pipeline.command import forwarding
from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.order import Order, Report
from modelward.pipeline.sandbox.relay import Relay

_MAX_MESSAGE = 4096
_MAX_LISTENERS = 250


def carry_out(order: Order, stdout: int | None) -> tuple[Report, list[dict[str, Any]]]:
    """Start the confining interpreter with `order`, relay, pass signals on, and wait until all has ended.

    Returns its report, and what the relay carried to each destination.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with contextlib.ExitStack() as stack:
        stack.enter_context(ours)
        report = stack.enter_context(_memory("report"))
        with theirs, _memory("order") as given:
            given.write(order.to_bytes())
            given.flush()
            ends = (given.fileno(), report.fileno(), theirs.fileno())
            process = subprocess.Popen(
                [*facilities.interpreter("inside"), *map(str, ends)],
                pass_fds=ends,
                env={},
                stdin=None if order.keep_terminal else subprocess.DEVNULL,
                stdout=stdout,
            )
        stack.enter_context(process)
        stack.callback(process.kill)
        with forwarding() as target:
            relay = _begin(ours, order)
            if relay is not None:
                stack.callback(relay.close)
            target.attach(lambda number: _tell(ours, number))
            process.wait()
        content = os.pread(report.fileno(), os.fstat(report.fileno()).st_size, 0)
        return (Report.from_bytes(content) if content else Report(error="the sandbox died")), _traffic(relay)


def _begin(control: socket.socket, order: Order) -> Relay | None:
    """Wait until the sandbox stands, take its listeners, let the command start."""
    message, descriptors, _, _ = socket.recv_fds(control, _MAX_MESSAGE, _MAX_LISTENERS)
    if message != b"ready":
        return None  # the report says why
    listeners = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    relay = Relay(order.destinations, listeners) if listeners else None
    control.send(b"go")
    return relay


def _tell(control: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):
        control.send(f"signal {number}".encode())


def _traffic(relay: Relay | None) -> list[dict[str, Any]]:
    if relay is None:
        return []
    return [
        {
            "destination": str(destination),
            "connections": one.connections,
            "failed": one.failed,
            "sent": one.sent,
            "received": one.received,
            "addresses": sorted(one.addresses),
        }
        for destination, one in relay.traffic.items()
    ]


def complaint(report: Report, command: Sequence[str]) -> Exception:
    """What to raise for a command that was not started: InputError if it is to blame, else Rejected."""
    if report.errno:
        return InputError(
            f"cannot run the command: {os.strerror(report.errno)}", where=report.error or command[0]
        )
    return Rejected(
        f"the sandbox could not be set up: {report.error}",
        help="nothing was run; --sandbox none runs it without, and the record then says: not enforced",
    )


def _memory(name: str) -> io.FileIO:
    return io.FileIO(os.memfd_create(name), "r+")


def is_terminal() -> bool:
    """Whether standard input is a terminal, which the command may then read."""
    return sys.__stdin__ is not None and not sys.__stdin__.closed and os.isatty(0)
