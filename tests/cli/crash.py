"""Kill commands at their writes, and see what is left: `crash.py STRIDE PLACE PERSON ARGUMENTS`.

Run as a process of its own, since it forks. For N = 1, 1 + STRIDE … it copies the company at PLACE, runs the
command in a child that kills itself at its N-th durable step, then has others look at what is left. Prints a
line for each N with what became of it, the last one for a run that came to its end.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Imported once, so that children start fast.
import cedarpy  # noqa: F401
import sqlalchemy  # noqa: F401
from cel_expr_python import cel  # noqa: F401

import modelward.registry.promote
import modelward.registry.replay
import modelward.registry.status  # noqa: F401
from modelward.cli import main

_LIMIT = 200


def run(who: str, *arguments: str, kill_at: int | None = None) -> tuple[int, str]:
    """Run a command in a child; gives its exit code (negative: the signal that ended it) and what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.environ["MODELWARD_HOME"] = str(Path("people") / who)
        if kill_at is not None:
            _die_at(kill_at)
        said = io.StringIO()
        code = 70
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                main(list(arguments))
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        os.write(writing, said.getvalue().encode()[:60_000])
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        text = stream.read().decode()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def _die_at(step: int) -> None:
    """Let this process be killed in place of its `step`-th fsync, rename or link."""
    left = step

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in ("fsync", "fdatasync", "replace", "rename", "link"):
        setattr(os, name, dying(getattr(os, name)))


def examine(place: Path, who: str, arguments: list[str], step: int) -> bool:
    """One run, killed at `step`, and what is left. Gives whether it came to its end first."""
    scratch = place.with_name(f"{place.name}-killed")
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(place, scratch)
    os.chdir(scratch)
    code, said = run(who, *arguments, kill_at=step)
    after = [
        f"{name} {ended[0]}" + ("" if ended[0] == 0 else f" {ended[1]}")
        for name, ended in (
            ("replay", run("ruth", "registry", "replay")),
            ("audit", run("ruth", "log", "audit")),
            ("again", run(who, *arguments)),
            ("verify", run("olga", "verify", "model", "--for", "fraud:production")),
            ("replay", run("ruth", "registry", "replay")),
        )
    ]
    print(f"{step}: {code}; {', '.join(after)}")
    os.chdir(place)
    shutil.rmtree(scratch)
    if code != -signal.SIGKILL and code != 0:
        print(said)
    return code != -signal.SIGKILL


def everywhere(stride: int, place: Path, who: str, arguments: list[str]) -> None:
    """Kill at every `stride`-th step, until there is none left."""
    for step in range(1, _LIMIT, stride):
        if examine(place, who, arguments, step):
            return
    raise RuntimeError(f"still going after {_LIMIT} steps")


if __name__ == "__main__":
    everywhere(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
