"""Running a job as any command runs: nothing is confined or watched, and the record says so."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from modelward.pipeline.command import child_environment, run_command
from modelward.pipeline.sandbox.job import Job, Outcome

_SECONDS = 30


class Unconfined:
    """No confinement. `why` says in plain words what the reason is."""

    grade = "declared"

    def __init__(self, why: str = "no sandbox") -> None:
        self._why = why

    @property
    def words(self) -> str:
        """What is not done."""
        return f"not enforced: {self._why}; inputs and code are declared, digests observed"

    @contextmanager
    def running(self, job: Job) -> Iterator[Outcome]:
        """Run it in this environment and directory; what it writes is in place at once."""
        given = {**job.options.environment, **job.options.secrets}
        code = run_command(job.command, stdout=job.stdout, environment=child_environment() | given)
        yield Outcome(code, job.outputs, recorded={"sandbox": "none"})

    def ask(self, command: Sequence[str]) -> str | None:
        """Run it without the variables that unlock the key."""
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_SECONDS, check=False, env=child_environment()
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
