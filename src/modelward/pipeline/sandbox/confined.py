"""Running a job in the sandbox, from the process that signs: it stays outside, and holds the key."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelward.artifact.hashing import hash_file
from modelward.attest.predicates import ResourceDescriptor
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.pipeline.sandbox import base, destinations, environment
from modelward.pipeline.sandbox.asking import asked
from modelward.pipeline.sandbox.facilities import Facilities
from modelward.pipeline.sandbox.job import Job, Outcome
from modelward.pipeline.sandbox.layout import PRIVATE, Layout
from modelward.pipeline.sandbox.order import Observation, Order, Report
from modelward.pipeline.sandbox.outside import carry_out, complaint, is_terminal
from modelward.pipeline.sandbox.scratch import Scratch, scratch


class Confined:
    """The sandbox: namespaces, Landlock, seccomp. What it ran is *enforced* if the kernel has all of them."""

    def __init__(self, found: Facilities) -> None:
        """`found` is what `facilities.probe` says; it must have namespaces and the observer."""
        self._found = found

    @property
    def grade(self) -> str:
        """Enforced, or observed where a part is missing."""
        return "enforced" if self._found.enforcing else "observed"

    @property
    def words(self) -> str:
        """What is done."""
        if not self._found.enforcing:
            return f"observed, not enforced: {self._found.missing}; the rest of the sandbox held"
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
            report, traffic = carry_out(order, job.stdout)
            if report.status is None:
                raise complaint(report, job.command)
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
                (base_used(report.observation.base),),
            )

    def ask(self, command: Sequence[str]) -> str | None:
        """Run a program that is asked about itself in the sandbox too."""
        return asked(self, located(command), command)

    def _order(self, job: Job, places: Scratch, layout: Layout) -> Order:
        program = located(job.command)
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
            visible={**layout.visible, **dict.fromkeys(files, "system")},
            behind=layout.behind,
            rights=layout.rights if self._found.landlock else {},
            destinations=list(options.destinations),
            limits=options.limits.resources,
            seconds=options.limits.seconds,
            keep_terminal=is_terminal(),
        )

    def _recorded(
        self, job: Job, layout: Layout, report: Report, traffic: list[dict[str, Any]]
    ) -> dict[str, Any]:
        landlock = "Landlock, " if self._found.landlock else ""
        return {
            "sandbox": f"namespaces, {landlock}seccomp",
            "confinement": {
                "landlock": self._found.landlock,
                "userNamespace": self._found.user_namespace,
                "network": traffic or "closed",
                "environment": dict(sorted(job.options.environment.items())),
                "secrets": sorted(job.options.secrets),
                "limits": dict(sorted(job.options.limits.amounts.items())),
                "killed": report.left,
            },
            "observed": observed(report.observation, job),
        }


def observed(seen: Observation, job: Job) -> dict[str, Any]:
    """What was opened beside what was declared, for the provenance."""
    return {
        "opened": {place: count for place, count in seen.places.items() if place != "above"},
        "unopened": sorted(name for name in job.inputs if f"input:{name}" not in seen.places),
        "refused": len(seen.refused),
        "unseen": seen.unseen + seen.lost,
    }


def _layout(job: Job, places: Scratch) -> Layout:
    layout = Layout(str(Path.cwd().resolve()))
    programs = [*job.programs, located(job.command)]
    for place in (*base.system(), *base.of_programs(programs)):
        layout.read(Path(place), "base")
    for device in base.devices(terminal=is_terminal()):
        layout.device(device)
    layout.write(str(places.private), PRIVATE, "private")
    for number, (target, behind) in enumerate(places.mounts.items()):
        layout.write(str(behind), target, f"output:{number}")
    layout.cover(layout.directory, writable=True)
    for path in job.code:
        layout.read(path, "code")
    for name, path in job.inputs.items():
        layout.read(path, f"input:{name}")
        for linked in links_out(path):
            layout.read(linked, f"input:{name}")
    for hidden in job.options.hidden:
        layout.cover(str(hidden.resolve()))
    return layout


def links_out(path: Path) -> Iterator[Path]:
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


def base_used(paths: Sequence[str]) -> ResourceDescriptor:
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


def located(command: Sequence[str]) -> Path:
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
