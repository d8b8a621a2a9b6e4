"""Running a job where the kernel refuses namespaces: watched, hindered, but not confined.

The observer refuses what was not declared, Landlock writes elsewhere, the filter every internet socket, and
what outlives the command is killed. A program made to deceive gets past the observer; hence the lower grade.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from modelward.core.errors import InputError
from modelward.pipeline.sandbox import base, environment, landlock
from modelward.pipeline.sandbox.asking import asked
from modelward.pipeline.sandbox.confined import base_used, links_out, located, observed
from modelward.pipeline.sandbox.facilities import Facilities
from modelward.pipeline.sandbox.job import Job, Outcome
from modelward.pipeline.sandbox.order import Observation, Order
from modelward.pipeline.sandbox.outside import carry_out, complaint, is_terminal
from modelward.pipeline.sandbox.scratch import scratch

#: Files of the machine that programs look into; the sandbox would make its own.
_COMMON = (
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/hostname",
)
_SHARED = "/dev/shm"  # noqa: S108


class Watched:
    """The observer without namespaces. What it ran is *observed*, or *declared* if a call went unseen."""

    grade = "observed"

    def __init__(self, found: Facilities) -> None:
        """`found` is what `facilities.probe` says; it must have the observer."""
        self._found = found

    @property
    def words(self) -> str:
        """What is and is not done."""
        return (
            f"observed, not enforced: {self._found.missing}; undeclared files were refused as it asked for "
            "them, which a program made to deceive gets past"
        )

    @contextmanager
    def running(self, job: Job) -> Iterator[Outcome]:
        """Run it in its real directories; what it writes is in place at once."""
        if job.options.destinations:
            raise InputError(
                f"--allow-net needs a network namespace, and there is none: {self._found.missing}",
                help="fetch what the step needs beforehand (modelward pull), or use --sandbox none",
            )
        with scratch({}) as places:
            order = self._order(job, places.private)
            report, _ = carry_out(order, job.stdout)
            if report.status is None:
                raise complaint(report, job.command)
            seen = report.observation
            code = os.waitstatus_to_exitcode(report.status)
            yield Outcome(
                code if code >= 0 else 128 - code,
                job.outputs,
                seen,
                report.left,
                report.timed_out,
                recorded=self._recorded(job, seen, report.left),
                materials=(base_used(seen.base),),
            )

    def ask(self, command: Sequence[str]) -> str | None:
        """Run a program that is asked about itself, watched too."""
        return asked(self, located(command), command)

    def _order(self, job: Job, private: Path) -> Order:
        parents = {str(path.parent.resolve()) for path in job.outputs.values() if not path.is_dir()}
        places = [str(path.resolve()) for path in job.outputs.values()]
        writable = [*parents, *(place for place in places if os.path.isdir(place)), str(private), _SHARED]
        rights = {place: landlock.WRITE for place in writable if os.path.isdir(place)}
        options = job.options
        return Order(
            program=str(located(job.command)),
            command=list(job.command),
            directory=os.getcwd(),
            environment=environment.clean(str(private), options.environment, options.secrets),
            namespaces=False,
            user_namespace=False,
            root="",
            private=str(private),
            visible=_visible(job, private),
            rights={**rights, "/dev": landlock.DEVICE | landlock.WRITE} if self._found.landlock else {},
            limits=options.limits.resources,
            seconds=options.limits.seconds,
            keep_terminal=is_terminal(),
        )

    def _recorded(self, job: Job, seen: Observation, left: int) -> dict[str, object]:
        return {
            **({"grade": "declared"} if seen.unseen or seen.lost else {}),
            "sandbox": "observer, Landlock, seccomp" if self._found.landlock else "observer, seccomp",
            "confinement": {
                "landlock": self._found.landlock,
                "missing": sorted(self._found.refused),
                "network": "refused",
                "environment": dict(sorted(job.options.environment.items())),
                "secrets": sorted(job.options.secrets),
                "limits": dict(sorted(job.options.limits.amounts.items())),
                "killed": left,
            },
            "observed": observed(seen, job),
        }


def _visible(job: Job, private: Path) -> dict[str, str]:
    """What each path belongs to, by its real place."""
    visible = {"/proc": "system", "/dev": "system", "/sys": "base", **dict.fromkeys(_COMMON, "system")}
    for place in (*base.system(), *base.of_programs([*job.programs, located(job.command)])):
        visible[os.path.realpath(place)] = "base"
    visible[str(private)] = "private"
    for path in job.code:
        visible[str(path.resolve())] = "code"
    for name, path in job.inputs.items():
        visible[str(path.resolve())] = f"input:{name}"
        visible |= {str(linked): f"input:{name}" for linked in links_out(path)}
    visible |= {str(path.resolve()): "" for path in job.options.hidden}
    for number, path in enumerate(job.outputs.values()):
        visible[str(path.resolve())] = f"output:{number}"
    return visible
