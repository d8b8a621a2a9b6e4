"""What this kernel lets us confine a command with, tried out rather than read from version numbers."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from modelward.pipeline.sandbox import kernel, landlock, seccomp

_SECONDS = 30
#: Facility -> what is done to try it, in this order: a later one may need an earlier.
_NAMESPACES = {
    "mount namespace": kernel.CLONE_NEWNS,
    "PID namespace": kernel.CLONE_NEWPID,
    "IPC namespace": kernel.CLONE_NEWIPC,
    "network namespace": kernel.CLONE_NEWNET,
    "host name namespace": kernel.CLONE_NEWUTS,
    "cgroup namespace": kernel.CLONE_NEWCGROUP,
}


@dataclass(frozen=True, slots=True)
class Facilities:
    """What there is. `refused` maps a facility to why not; `user_namespace` says that one must be entered."""

    refused: dict[str, str] = field(default_factory=dict)
    user_namespace: bool = False
    landlock: int = 0
    observer: bool = False

    @property
    def namespaces(self) -> bool:
        """Whether a command can have a file system, processes and a network of its own."""
        return not set(self.refused) - {"Landlock", "observer"}

    @property
    def enforcing(self) -> bool:
        """Whether all of it is there: the kernel allows the command nothing but what was declared."""
        return not self.refused

    @property
    def missing(self) -> str:
        """What is not there, in plain words."""
        return ", ".join(f"no {name} ({why})" for name, why in self.refused.items())


@functools.cache
def probe() -> Facilities:
    """Try every facility in a process of its own, once. Never raises: what cannot be tried is not there."""
    if sys.platform != "linux":
        return Facilities({"sandbox": f"{sys.platform} offers none that we use"})
    with tempfile.TemporaryDirectory(prefix="modelward-") as place:
        try:
            done = subprocess.run(
                [*interpreter("facilities"), place], capture_output=True, timeout=_SECONDS, check=True
            )
            return Facilities(**json.loads(done.stdout))
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            return Facilities({"sandbox": f"it cannot be tried: {error}"})


def interpreter(module: str) -> list[str]:
    """The command line of a fresh interpreter that runs `main` of a module here, with nothing of a site."""
    root = str(Path(__file__).resolve().parents[3])
    start = (
        f"import sys; sys.path.insert(0, {root!r}); sys.dont_write_bytecode = True; "
        f"from modelward.pipeline.sandbox.{module} import main; main(*sys.argv[1:])"
    )
    return [sys.executable, "-I", "-S", "-c", start]


def main(place: str) -> None:
    """Try everything and print what came of it. `place` is an empty directory."""
    refused: dict[str, str] = {}
    user_namespace = os.geteuid() != 0 or _attempt(lambda: kernel.unshare(kernel.CLONE_NEWNS)) != ""
    refused |= {
        name: why for name, why in _in_child(lambda: _namespaces(user_namespace, place)).items() if why
    }
    version = landlock.version()
    if not version:
        refused["Landlock"] = "this kernel has none"
    if not seccomp.can_notify():
        refused["observer"] = "seccomp notification is not available"
    found = Facilities(refused, user_namespace, version, "observer" not in refused)
    print(json.dumps(asdict(found)))


def _namespaces(user_namespace: bool, place: str) -> dict[str, str]:
    """Enter each namespace, then make mounts in them as the sandbox does."""
    tried: dict[str, str] = {}
    if user_namespace:
        user, group = os.geteuid(), os.getegid()
        tried["user namespace"] = _attempt(lambda: kernel.unshare(kernel.CLONE_NEWUSER))
        if not tried["user namespace"]:
            tried["user namespace"] = _attempt(lambda: kernel.map_user(user, group))
    for name, flag in _NAMESPACES.items():
        tried[name] = _attempt(lambda flag=flag: kernel.unshare(flag))  # type: ignore[misc]
    if not any(tried.values()):
        tried |= _in_child(lambda: {"mounts of its own": _attempt(lambda: _mounts(place))})
    return tried


def _mounts(place: str) -> None:
    kernel.mount("none", "/", "", kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("modelward", place, "tmpfs")
    os.mkdir(f"{place}/proc")
    kernel.mount("proc", f"{place}/proc", "proc")
    kernel.mount_attributes(f"{place}/proc", kernel.MOUNT_ATTR_RDONLY, recursive=True)
    kernel.change_root(place)


def _attempt(action: Callable[[], None]) -> str:
    """ "" if it can be done, else why not."""
    try:
        action()
    except OSError as error:
        return error.strerror or "refused"
    except KeyError:
        return "this processor is not known"
    return ""


def _in_child(work: Callable[[], dict[str, str]]) -> dict[str, str]:
    """What `work` returns, done in a child so that this process stays where it is."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(work()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return dict(json.loads(answer)) if answer else {"sandbox": "the trial died"}
