"""What a step ran with: source revision, interpreter, packages, machine. Observed, never enforced here.

Nothing of the environment's variables is recorded: they hold secrets.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from modelward.artifact.hashing import hash_file
from modelward.attest.predicates.base import ResourceDescriptor
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.pipeline.command import child_environment

_SECONDS = 30
_MAX_PACKAGES = 5000
_LIST_PACKAGES = """
import importlib.metadata, json, sys
found = {d.metadata["Name"].lower(): d.version
         for d in importlib.metadata.distributions() if d.metadata["Name"]}
print(json.dumps({"executable": sys.executable, "implementation": sys.implementation.name,
                  "version": sys.version.split()[0], "packages": found}))
"""
_GPU_LISTING = Path("/proc/driver/nvidia/gpus")
_CONTAINER = Path("/run/.containerenv")
#: The image that a step runs in, `name@sha256:…`, where only whoever started it knows.
CONTAINER_VARIABLE = "MODELWARD_CONTAINER"


def source_revision(directory: Path, code: Sequence[Path]) -> ResourceDescriptor | None:
    """The git commit that `directory` is at, or None outside a repository.

    `dirty` is true if a tracked file differs from the commit, or one of `code` is not in it.
    """
    commit = _git(directory, "rev-parse", "HEAD")
    if commit is None or not re.fullmatch(r"[0-9a-f]{40}", commit):
        return None
    changed = _git(directory, "status", "--porcelain", "--untracked-files=no")
    files = [str(path.resolve()) for path in code]
    untracked = _git(directory, "status", "--porcelain", "--ignored", "--", *files) if files else ""
    remote = _git(directory, "remote", "get-url", "origin")
    return ResourceDescriptor(
        name="source",
        uri=f"git+{without_credentials(remote)}" if remote else "",
        digest={"gitCommit": commit},
        annotations={"dirty": bool(changed) or bool(untracked) or changed is None or untracked is None},
    )


def without_credentials(address: str) -> str:
    """`address` without user, password, query and fragment; a path on this machine gives `file:`."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https", "ssh", "git"):
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    scp = re.fullmatch(r"(?:[^@/:]+@)?([A-Za-z0-9.-]+):(?!/)([^\s]+)", address)
    return f"ssh://{scp[1]}/{scp[2]}" if scp else "file:"


def programs(command: Sequence[str]) -> list[Path]:
    """The program that `command` names, and the Python interpreter that runs it if it is a script."""
    located = shutil.which(command[0])
    if located is None:
        return []
    python = _python_behind(Path(located))
    return list(dict.fromkeys([Path(located), *([python] if python else [])]))


def toolchain(
    command: Sequence[str], ask: Callable[[Sequence[str]], str | None] | None = None
) -> tuple[list[ResourceDescriptor], dict[str, Any]]:
    """The programs that `command` starts, as materials, and what is known of its interpreter and machine.

    A Python program (or a script that names Python in its first line) is asked for its version and
    packages, in isolated mode, before the step starts. `ask` runs it: a sandbox, where there is one.
    """
    observed: dict[str, Any] = {"platform": _platform(), "hardware": hardware(), **container()}
    located = shutil.which(command[0])
    if located is None:
        return [], observed
    programs = {Path(located).resolve(): Path(located).name}
    python = _python_behind(Path(located))
    if python is not None:
        facts = _python_facts(python, ask or _output)
        real = Path(facts.pop("executable", python))
        programs.setdefault(real.resolve(), real.name)  # a wrapper or script is not the interpreter
        observed |= facts
    tools = [
        ResourceDescriptor(name=f"tool/{name}", digest=hash_file(program).as_set())
        for program, name in programs.items()
    ]
    return tools, observed


def hardware(gpu_listing: Path = _GPU_LISTING) -> dict[str, Any]:
    """Processor architecture, the number of processors, and NVIDIA accelerators by model name."""
    accelerators = []
    for information in sorted(gpu_listing.glob("*/information")):
        match = re.search(r"^Model:\s*(.+)$", information.read_text("utf-8", "replace"), re.MULTILINE)
        accelerators.append(match[1].strip() if match else "unknown")
    driver = _first_line(gpu_listing.parent / "version")
    return {
        "machine": platform.machine(),
        "processors": os.cpu_count() or 0,
        "accelerators": accelerators,
        **({"driver": driver} if driver else {}),
    }


def container(description: Path = _CONTAINER) -> dict[str, Any]:
    """The container image this runs in: as Podman tells it, or as MODELWARD_CONTAINER declares it.

    A runtime that tells its containers nothing leaves it unknown; then nothing is recorded.
    """
    declared = os.environ.get(CONTAINER_VARIABLE, "")
    if re.fullmatch(r"(?:[\w./:-]{1,512}@)?sha256:[0-9a-f]{64}", declared):
        return {"container": {"image": declared, "grade": "declared"}}
    try:
        text = description.read_text("utf-8", "replace")
    except OSError:
        return {}
    found = re.search(r'^imageid="(?:sha256:)?([0-9a-f]{64})"', text, re.MULTILINE)
    return {"container": {"image": f"sha256:{found[1]}", "grade": "observed"}} if found else {}


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").partition("\n")[0].strip()[:512]
    except OSError:
        return ""


def _platform() -> dict[str, str]:
    return {"system": platform.system(), "release": platform.release()}


def _python_behind(program: Path) -> Path | None:
    if re.fullmatch(r"(python|pypy)[0-9.]*", program.name):
        return program
    with program.open("rb") as stream:
        first = stream.read(512).split(b"\n", 1)[0]
    match = re.match(rb"#!\s*(\S+)(?:\s+(\S+))?", first)
    if not match:
        return None
    named = os.fsdecode(match[2] if match[1].endswith(b"/env") and match[2] else match[1])
    found = shutil.which(named)
    return Path(found) if found and re.fullmatch(r"(python|pypy)[0-9.]*", Path(found).name) else None


def _python_facts(python: Path, ask: Callable[[Sequence[str]], str | None]) -> dict[str, Any]:
    listing = ask([str(python), "-I", "-c", _LIST_PACKAGES])
    if listing is None:
        return {}
    try:
        value = strict_json.loads(listing.encode("utf-8"), what="the interpreter's answer")
    except InputError:
        return {}
    packages = dict(sorted(value["packages"].items())[:_MAX_PACKAGES])
    return {
        "executable": value["executable"],
        "interpreter": {"name": value["implementation"], "version": value["version"]},
        "packages": packages,
        "packagesDigest": str(Digest.sha256(strict_json.dumps(packages))),
    }


def _git(directory: Path, *arguments: str) -> str | None:
    return _output(
        ["git", "-C", str(directory), "--no-optional-locks", "-c", "core.fsmonitor=false", *arguments]
    )


def _output(command: Sequence[str]) -> str | None:
    """What `command` prints, or None if it cannot be run, fails, or takes too long."""
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_SECONDS, check=False, env=child_environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
