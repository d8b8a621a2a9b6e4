"""Landlock: a process gives up all access to files except beneath paths it names, for good.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Mapping

from modelward.pipeline.sandbox import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIRECTORY = 1, 2, 4, 8
_REMOVE = 16 | 32
_MAKE_DEVICES = 64 | 2048
_MAKE = 128 | 256 | 512 | 1024 | 4096  # directory, file, socket, pipe, symbolic link
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15

READ = _EXECUTE | _READ_FILE | _READ_DIRECTORY
LIST = _READ_DIRECTORY
WRITE = _WRITE_FILE | _TRUNCATE | _REMOVE | _MAKE | _REFER
DEVICE = _READ_FILE | _WRITE_FILE | _READ_DIRECTORY | _IOCTL_DEVICE
#: All that can be given up.
EVERYTHING = READ | WRITE | DEVICE | _MAKE_DEVICES

_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_SCOPED = 1 | 2  # abstract UNIX sockets, signals
_NETWORK = 1 | 2  # bind and connect, TCP

#: Version of the interface -> the rights of files it knows.
_KNOWN = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


def version() -> int:
    """The interface's version (ABI), 0 where the kernel has no Landlock."""
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(allowed: Mapping[str, int], *, handled: int = EVERYTHING) -> None:
    """Give up the rights in `handled` except those that `allowed` names beneath each path.

    Where the kernel knows them, signals to processes outside and their abstract sockets go too. Needs
    `no_new_privs`. Raises OSError; a path that is not there is an error.
    """
    found = version()
    known = _KNOWN[max(number for number in _KNOWN if number <= found)]
    fields = [handled & known]
    if found >= 4:
        fields.append(0)  # the network namespace sees to that
    if found >= 6:
        fields.append(_SCOPED)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = kernel.syscall(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, rights in allowed.items():
            _allow(ruleset, path, rights & handled & known)
        kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        if rights:
            rule = struct.pack("=Qi", rights, descriptor)
            kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
