"""Running a job in the sandbox, from the process that signs: it stays outside, and holds the key."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelward.artifact.hashing import hash_file
from modelward.attest.predicates import ResourceDescriptor
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.pipeline.command import forwarding
from modelward.pipeline.sandbox import base, destinations, environment, facilities
from modelward.pipeline.sandbox.facilities import Facilities
from modelward.pipeline.sandbox.job import Job, Outcome
from modelward.pipeline.sandbox.layout import PRIVATE, Layout
from modelward.pipeline.sandbox.order import Order, Report
from modelward.pipeline.sandbox.relay import Relay
from modelward.pipeline.sandbox.scratch import Scratch, scratch

_MAX_MESSAGE = 4096
_MAX_LISTENERS = 250
_ASK_SECONDS = 30


class Confined:
    """The sandbox where the kernel has all it takes: what it ran is *enforced*."""

    grade = "enforced"

    def __init__(self, found: Facilities) -> None:
        """`found` is what `facilities.probe` says; it must be `enforcing`."""
        self._found = found

    @property
    def words(self) -> str:
        """What is done."""
        return (
            "enforced: declared inputs, code and the base set are all it could read, "
            "its outputs all it could change"
        )

    @contextmanager
    def running(self, job: Job) -> Iterator[Outcome]:
        """Run it; its outputs lie in scratch directories, closed to others, until taken away."""
        with scratch(job.outputs) as places:
            layout = _layout(job, places)
            order = self._order(job, places, layout)
            report, traffic = _carry_out(order, job.stdout)
            if report.status is None:
                raise _complaint(report, job)
            code = os.waitstatus_to_exitcode(report.status)
            names = {target: layout.own_names(target) for target in places.mounts}
            yield Outcome(
                code if code >= 0 else 128 - code,
                places.outputs,
                report.observation,
                report.left,
                report.timed_out,
                places.strangers(names),
                self._recorded(job, layout, report, traffic),
                (_base_used(report.observation.base),),
            )

    def ask(self, command: Sequence[str]) -> str | None:
        """Run a program that is asked about itself in the sandbox too: it may be anybody's."""
        program = _located(command)
        with tempfile.TemporaryFile() as answer:
            job = Job([str(program), *command[1:]], programs=[program], stdout=answer.fileno())
            try:
                with self.running(job) as outcome:
                    answer.seek(0)
                    text = answer.read().decode("utf-8", "replace").strip()
                    return text if outcome.exit_code == 0 else None
            except (InputError, Rejected):
                return None

    def _order(self, job: Job, places: Scratch, layout: Layout) -> Order:
        program = _located(job.command)
        files = {
            **base.GENERATED,
            "/etc/hosts": destinations.hosts(job.options.destinations),
            "/etc/passwd": base.ACCOUNT.format(user=os.geteuid(), group=os.getegid()),
            "/etc/group": f"modelward:x:{os.getegid()}:\n",
        }
        options = job.options
        return Order(
            program=str(program),
            command=list(job.command),
            directory=layout.directory,
            environment=environment.clean(PRIVATE, options.environment, options.secrets),
            namespaces=True,
            user_namespace=self._found.user_namespace,
            root=str(places.root),
            private=str(places.private),
            mounts=layout.mounts,
            links=layout.own_links,
            files=files,
            visible=layout.visible,
            behind=layout.behind,
            rights=layout.rights,
            destinations=list(options.destinations),
            limits=options.limits.resources,
            seconds=options.limits.seconds,
            keep_terminal=_is_terminal(),
        )

    def _recorded(
        self, job: Job, layout: Layout, report: Report, traffic: list[dict[str, Any]]
    ) -> dict[str, Any]:
        seen = report.observation
        return {
            "sandbox": "namespaces, Landlock, seccomp",
            "confinement": {
                "landlock": self._found.landlock,
                "userNamespace": self._found.user_namespace,
                "network": traffic or "closed",
                "environment": dict(sorted(job.options.environment.items())),
                "secrets": sorted(job.options.secrets),
                "limits": dict(sorted(job.options.limits.amounts.items())),
                "killed": report.left,
            },
            "observed": {
                "opened": {place: count for place, count in seen.places.items() if place != "above"},
                "unopened": sorted(name for name in job.inputs if f"input:{name}" not in seen.places),
                "refused": len(seen.refused),
                "unseen": seen.unseen + seen.lost,
            },
        }


def _layout(job: Job, places: Scratch) -> Layout:
    layout = Layout(str(Path.cwd().resolve()))
    programs = [*job.programs, _located(job.command)]
    for place in (*base.system(), *base.of_programs(programs)):
        layout.read(Path(place), "base")
    for device in base.devices(terminal=_is_terminal()):
        layout.device(device)
    layout.write(str(places.private), PRIVATE, "private")
    for number, (target, behind) in enumerate(places.mounts.items()):
        layout.write(str(behind), target, f"output:{number}")
    layout.cover(layout.directory, writable=True)
    for path in job.code:
        layout.read(path, "code")
    for name, path in job.inputs.items():
        layout.read(path, f"input:{name}")
        for linked in _links_out(path):
            layout.read(linked, f"input:{name}")
    for hidden in job.options.hidden:
        layout.cover(str(hidden.resolve()))
    return layout


def _links_out(path: Path) -> Iterator[Path]:
    """Files that an input's links name outside it: a cache of the Hub keeps them in `blobs/`."""
    if not path.is_dir():
        return
    root = path.resolve()
    for directory, _, names in os.walk(root):
        for name in names:
            place = os.path.join(directory, name)
            if os.path.islink(place):
                real = Path(place).resolve()
                if not real.is_relative_to(root):
                    yield real


def _base_used(paths: Sequence[str]) -> ResourceDescriptor:
    """What was opened of the base set, as one material: the digest of a SHA256SUMS listing by path.

    The command could not write there. A file that cannot be read any more is listed as such.
    """
    lines, known = [], {}
    for path in paths:
        real = os.path.realpath(path)
        if not os.path.isfile(real):
            continue
        if real not in known:
            try:
                known[real] = hash_file(real).value
            except InputError:
                known[real] = "unreadable"
        lines.append(f"{known[real]}  {path}\n")
    listing = "".join(lines).encode("utf-8", "surrogateescape")
    return ResourceDescriptor(
        name="base", digest=Digest.sha256(listing).as_set(), annotations={"files": len(lines)}
    )


def _located(command: Sequence[str]) -> Path:
    """The program that a command names. Raises InputError."""
    found = shutil.which(command[0])
    if found is None:
        there = os.path.isfile(command[0])
        raise InputError(
            "cannot run the command: Permission denied" if there else "no such command",
            where=command[0],
            help="make it executable" if there else "give its path, or a name on PATH",
        )
    path = Path(found)
    if base.is_python(path):
        with path.open("rb") as stream:
            if stream.read(2) == b"#!":
                raise InputError(
                    "this python is a script that chooses an interpreter, which is not in the base set",
                    where=found,
                    help="name the interpreter: python -c 'import sys; print(sys.executable)' tells it",
                )
    return path


def _carry_out(order: Order, stdout: int | None) -> tuple[Report, list[dict[str, Any]]]:
    """Start the confining interpreter with the order, relay, pass signals on, wait."""
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


def _complaint(report: Report, job: Job) -> Exception:
    """What to raise for a command that was not started."""
    if report.errno:
        return InputError(
            f"cannot run the command: {os.strerror(report.errno)}", where=report.error or job.command[0]
        )
    return Rejected(
        f"the sandbox could not be set up: {report.error}",
        help="nothing was run; --sandbox none runs it without, and the record then says: not enforced",
    )


def _memory(name: str) -> io.FileIO:
    return io.FileIO(os.memfd_create(name), "r+")


def _is_terminal() -> bool:
    return sys.__stdin__ is not None and not sys.__stdin__.closed and os.isatty(0)
