"""Asking a program about itself in a sandbox: it may be anybody's, and the key must not be in its reach."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from modelward.core.errors import InputError, Rejected
from modelward.pipeline.sandbox.job import Confinement, Job, Options
from modelward.pipeline.sandbox.limits import Limits

_SECONDS = 30
_MAX_ANSWER = 16 << 20


def asked(confinement: Confinement, program: Path, command: Sequence[str]) -> str | None:
    """What `command`, whose program is at `program`, prints; None if it fails or takes too long."""
    with tempfile.TemporaryFile() as answer:
        options = Options(limits=Limits({"time": _SECONDS}))
        job = Job([str(program), *command[1:]], programs=[program], options=options, stdout=answer.fileno())
        try:
            with confinement.running(job) as outcome:
                answer.seek(0)
                text = answer.read(_MAX_ANSWER).decode("utf-8", "replace").strip()
        except (InputError, Rejected):
            return None
    return text if outcome.exit_code == 0 else None
