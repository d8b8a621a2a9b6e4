"""The confining side: a fresh interpreter, which has never held a key, that becomes three processes.

1. The *launcher* enters the namespaces and stays outside the mounts: it hears of every file that is opened.
2. *init* is process 1 of the new PID namespace. It builds the file system, gives up its capabilities, starts
   the command, passes signals on, reaps. When it ends the kernel kills whatever is left, and it is not
   reaped itself until all of them are gone.
3. The *command*: limits, Landlock, no new privileges, the filter, closed descriptors, then exec.

Without namespaces init is a subreaper instead, and there are no mounts.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import NoReturn

from modelward.pipeline.sandbox import kernel, landlock, mounts, network, seccomp
from modelward.pipeline.sandbox.order import Order, Report
from modelward.pipeline.sandbox.watch import Watch

NAMESPACES = (
    kernel.CLONE_NEWPID
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)
#: Exit code of a command that cannot be started, as shells have it.
_NOT_STARTED = 126
_MAX_MESSAGE = 4096
_TO_DEFAULT = (
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGPIPE,
    signal.SIGCHLD,
    signal.SIGXFSZ,
)


def main(*descriptors: str) -> None:
    """Carry out the order in the first descriptor, a memfd; write a Report to the second.

    On the third, a socket, init says `ready` with the listeners for the relay, is told `go` and then
    `signal N`. If it closes, everything is killed.
    """
    kernel.die_with_parent(signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    order, report, control = map(int, descriptors)
    given = Order.from_bytes(os.pread(order, os.fstat(order).st_size, 0))
    os.close(order)
    with socket.socket(fileno=control) as outside:
        try:
            _write(report, _launch(given, outside))
        except OSError as error:
            _write(report, Report(error=f"{error.strerror} ({error.filename or 'setting up'})", errno=0))


def _launch(order: Order, control: socket.socket) -> Report:
    """The launcher: start init, answer what the filter tells, wait."""
    if order.namespaces:
        if order.user_namespace:
            user, group = os.geteuid(), os.getegid()
            kernel.unshare(kernel.CLONE_NEWUSER)
            kernel.map_user(user, group)
        kernel.unshare(NAMESPACES)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    result = os.memfd_create("result")
    with ours:
        child = os.fork()
        if child == 0:
            ours.close()
            _child(lambda: _init(order, control, theirs, result))
        theirs.close()
        control.close()
        watch = _watch(order, ours)
        ended = os.pidfd_open(child)
        if watch is not None:
            watch.serve(ended)
        os.close(ended)
        _, status = os.waitpid(child, 0)
    content = os.pread(result, os.fstat(result).st_size, 0)
    report = Report.from_bytes(content) if content else Report(error=f"the sandbox died ({status})")
    if watch is not None:
        report.observation = watch.observation()
    return report


def _watch(order: Order, source: socket.socket) -> Watch | None:
    """The listener that the command sends before it starts; None if it never gets that far."""
    message, descriptors, _, _ = socket.recv_fds(source, _MAX_MESSAGE, 1)
    known = seccomp.machine()
    if not message or not descriptors or known is None:
        return None
    return Watch(descriptors[0], known.told, order.visible, order.behind)


def _init(order: Order, control: socket.socket, launcher: socket.socket, result: int) -> None:
    kernel.die_with_parent(signal.SIGKILL)
    try:
        listeners = []
        if order.namespaces:
            kernel.unshare(kernel.CLONE_NEWNS)
            mounts.build(order)
            network.raise_loopback()
            listeners = network.listen(order.destinations)
            kernel.drop_capabilities()
        else:
            kernel.adopt_orphans()
        socket.send_fds(control, [b"ready"], [listener.fileno() for listener in listeners])
        for listener in listeners:
            listener.close()
        if control.recv(_MAX_MESSAGE) != b"go":
            return
        report = _Init(order, control, launcher).run()
    except OSError as error:
        report = Report(error=f"{error.strerror} ({error.filename or 'setting up'})")
    _write(result, report)


class _Init:
    """Process 1 while the command runs."""

    def __init__(self, order: Order, control: socket.socket, launcher: socket.socket) -> None:
        self._order = order
        self._control = control
        self._launcher = launcher

    def run(self) -> Report:
        """Start the command, wait for it, then end all that is left."""
        failed, failure = os.pipe2(os.O_CLOEXEC)
        woken, wake = socket.socketpair()
        woken.setblocking(False)
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        child = os.fork()
        if child == 0:
            os.close(failed)
            _child(lambda: _command(self._order, self._launcher, failure))
        os.close(failure)
        self._launcher.close()
        report = Report()
        report.status = self._wait(child, woken, report)
        report.left = _kill_the_rest(in_namespace=self._order.namespaces)
        told = os.read(failed, _MAX_MESSAGE)
        if told:
            number, _, where = told.decode().partition(" ")
            report.status, report.errno, report.error = None, int(number), where
        return report

    def _wait(self, child: int, woken: socket.socket, report: Report) -> int:
        """The command's status. Passes signals on, reaps orphans, keeps the time."""
        seconds = self._order.seconds
        deadline = None if seconds is None else time.monotonic() + seconds
        poll = select.poll()
        for end in (woken, self._control):
            poll.register(end, select.POLLIN)
        while True:
            while (found := _reap()) is not None:
                if found[0] == child:
                    return found[1]
            left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            ready = poll.poll(left)
            if deadline is not None and not ready and time.monotonic() >= deadline:
                report.timed_out, deadline = True, None
                os.kill(child, signal.SIGKILL)
            for descriptor, _ in ready:
                if descriptor == woken.fileno():
                    with contextlib.suppress(BlockingIOError):
                        woken.recv(_MAX_MESSAGE)
                else:
                    self._obey(child, poll)

    def _obey(self, child: int, poll: select.poll) -> None:
        message = self._control.recv(_MAX_MESSAGE)
        if message.startswith(b"signal "):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, int(message.split()[1]))
        elif not message:  # the process that signs is gone: nothing may be left of the step
            poll.unregister(self._control)
            os.kill(child, signal.SIGKILL)


def _reap() -> tuple[int, int] | None:
    """A child that has ended, with its status; None if there is none yet."""
    try:
        process, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (process, status) if process else None


def _kill_the_rest(*, in_namespace: bool) -> int:
    """Kill every descendant and wait until the last is gone. Returns how many there were."""
    count = 0
    while True:
        with contextlib.suppress(ProcessLookupError):
            if in_namespace:
                os.kill(-1, signal.SIGKILL)
            else:
                for process in _children():
                    os.kill(process, signal.SIGKILL)
        try:
            _, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return count
        count += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as stream:
        return [int(word) for word in stream.read().split()]


def _command(order: Order, launcher: socket.socket, failure: int) -> None:
    """Give up everything, then become the command."""
    where = "setting up"
    try:
        os.chdir(order.directory)
        _terminal(order)
        _limit(order.limits)
        for number in _TO_DEFAULT:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        kernel.drop_capabilities()
        kernel.give_up_new_privileges()
        if order.rights:
            where = "Landlock"
            landlock.restrict(
                order.rights, handled=landlock.EVERYTHING if order.namespaces else landlock.WRITE
            )
        known = seccomp.machine()
        if known is not None:
            where = "seccomp"
            listener = seccomp.install(known, internet=order.namespaces)
            socket.send_fds(launcher, [b"listener"], [listener])
        kernel.close_on_exec(3)
        where = order.program
        os.execve(order.program, order.command, order.environment)  # noqa: S606
    except OSError as error:
        os.write(failure, f"{error.errno} {where}".encode())


def _terminal(order: Order) -> None:
    """Standard input is a terminal or nothing: a file or pipe there would be an undeclared input."""
    if not order.keep_terminal:
        nothing = os.open("/dev/null", os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)


def _limit(limits: Mapping[int, int]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number, value in limits.items():
        _, hard = resource.getrlimit(number)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (most, most))


def _child(work: object) -> NoReturn:
    """Run a child's part; it never returns into the parent's."""
    try:
        assert callable(work)
        work()
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())  # a bug: shown, and the report stays empty
        os._exit(_NOT_STARTED)
    os._exit(_NOT_STARTED)


def _write(descriptor: int, report: Report) -> None:
    os.pwrite(descriptor, report.to_bytes(), 0)
