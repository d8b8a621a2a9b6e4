"""The base set: what every step may read besides its inputs. It is printed, and its files are materials.

System libraries and programs, the interpreter with its packages, a few files of /etc without secrets, what
numeric libraries read of the machine's shape, and accelerators. Never a home or a working directory.
"""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

_SYSTEM = (
    *(
        f"/usr/{name}"
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share", "include")
    ),
    *(f"/usr/local/{name}" for name in ("bin", "sbin", "lib", "lib64", "libexec", "share", "include")),
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/nix/store", "/gnu/store", "/opt/rocm"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/os-release"),
    *("/etc/localtime", "/etc/timezone", "/etc/mime.types", "/etc/protocols", "/etc/services", "/etc/fonts"),
    *("/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ssl/cert.pem", "/etc/ca-certificates"),
    *("/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/etc/pki/ca-trust/extracted", "/etc/crypto-policies"),
    *("/etc/OpenCL", "/etc/vulkan", "/etc/nvidia"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm/transparent_hugepage"),
)
_PATTERNS = ("/usr/local/cuda*", "/usr/local/nvidia*", "/opt/rocm-*")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_ACCELERATORS = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/dri/*", "/dev/kfd", "/dev/accel*", "/dev/dxg")
#: Of a prefix (an installation of Python, a virtual environment), what is read; never the prefix itself.
_OF_PREFIX = (
    "bin",
    "lib",
    "lib64",
    "libexec",
    "include",
    "share",
    "ssl",
    "etc",
    "pyvenv.cfg",
    "nvvm",
    "targets",
)

ACCOUNT = "modelward:x:{user}:{group}:step:/tmp:/usr/sbin/nologin\n"
#: Files that are made for the command.
GENERATED = {
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "/etc/resolv.conf": "# names are not resolved here; see --allow-net\n",
    "/etc/hostname": "step\n",
}


def system() -> list[str]:
    """Places of the system that are there."""
    found = [path for path in _SYSTEM if os.path.lexists(path)]
    for pattern in _PATTERNS:
        found += sorted(glob.glob(pattern))
    if accelerators():
        found += [
            path
            for path in ("/sys/bus/pci", "/sys/devices/pci0000:00", "/sys/class/drm")
            if os.path.isdir(path)
        ]
    return found


def devices(*, terminal: bool) -> list[str]:
    """Device files, accelerators among them; `terminal` adds the controlling one."""
    wanted = [*_DEVICES, *(["/dev/tty"] if terminal else []), *accelerators()]
    return [path for path in wanted if os.path.exists(path)]


def accelerators() -> list[str]:
    """Device files of GPUs and the like."""
    found = [path for pattern in _ACCELERATORS for path in sorted(glob.glob(pattern))]
    return [path for path in found if stat.S_ISCHR(os.stat(path).st_mode)]


def of_programs(programs: Sequence[Path]) -> list[str]:
    """What goes with the programs that a step starts: for an interpreter, its libraries and packages.

    Found from where the files lie, never by running them.
    """
    found: dict[str, None] = {}
    for program in programs:
        found[str(program)] = None
        for prefix in _prefixes(program):
            for name in _OF_PREFIX:
                if os.path.lexists(prefix / name):
                    found[str(prefix / name)] = None
    return list(found)


def _prefixes(program: Path) -> list[Path]:
    """The installations that `PREFIX/bin/program` belongs to: a virtual environment, and what it is of."""
    prefixes = []
    own = program.absolute().parent.parent
    if (own / "pyvenv.cfg").exists():
        prefixes += [own, *_home_of(own / "pyvenv.cfg")]
    real = program.resolve()
    if is_python(real) and real.parent.name == "bin":
        prefixes.append(real.parent.parent)
    return list(dict.fromkeys(prefixes))


def is_python(program: Path) -> bool:
    """Whether a program is called as Python interpreters are."""
    return re.fullmatch(r"(python|pypy)[0-9.]*t?", program.name) is not None


def _home_of(configuration: Path) -> list[Path]:
    """The installation that a virtual environment says it was made from."""
    try:
        text = configuration.read_text("utf-8", "replace")
    except OSError:
        return []
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "home" and os.path.isabs(value.strip()):
            return [Path(value.strip()).resolve().parent]
    return []
