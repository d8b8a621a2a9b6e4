"""System calls of Linux that Python has no function for. Each raises OSError.

Numbers are from the kernel's tables for x86-64 and ARM64, the only processors that the sandbox knows.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Sequence

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18

MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC = 1, 2, 4, 8

_MNT_DETACH = 2
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000
_MOUNT_SETATTR = 442
_CLOSE_RANGE = 436
_CLOSE_RANGE_CLOEXEC = 4
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION = 0x20080522
_CAPABILITIES = 64

_PAGE = 4096
_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Call by number. Bytes are passed as a pointer to a copy that lives until the call returns."""
    _libc.syscall.restype = ctypes.c_long
    given = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *given))


def unshare(flags: int) -> None:
    """Enter new namespaces; a new PID namespace begins with the next child."""
    _checked(_libc.unshare(flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2)."""
    given = [os.fsencode(text) if text else None for text in (source, target, kind)]
    arguments = ctypes.c_char_p(options.encode() if options else None)
    _checked(_libc.mount(*given, ctypes.c_ulong(flags), arguments), target)


def mount_attributes(path: str, attributes: int, *, recursive: bool) -> None:
    """Add attributes (read-only, no set-user-id, …) to a mount, or to it and all below (Linux 5.12)."""
    flags = _AT_RECURSIVE if recursive else 0
    wanted = struct.pack("=QQQQ", attributes, 0, 0, 0)
    syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(path), flags, wanted, len(wanted))


def change_root(path: str) -> None:
    """Make `path`, a mount, the root of this mount namespace, and let go of the old one."""
    os.chdir(path)
    syscall(_PIVOT_ROOT[platform.machine()], b".", b".")
    _checked(_libc.umount2(b".", _MNT_DETACH))
    os.chdir("/")


def die_with_parent(signal: int) -> None:
    """Be sent `signal` when the parent thread ends."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def refuse_tracing() -> None:
    """Nobody of the same user may read this process's memory or trace it; no core file."""
    _prctl(_PR_SET_DUMPABLE, 0)


def adopt_orphans() -> None:
    """Descendants whose parent ends become this process's children."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def give_up_new_privileges() -> None:
    """From here on no program gives more rights by being started (set-user-id, file capabilities)."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability for good: bounding, ambient, inheritable, permitted and effective set."""
    for capability in range(_CAPABILITIES):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break  # past the last one, or we may not and have none
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    _checked(_libc.capset(header, struct.pack("=6I", 0, 0, 0, 0, 0, 0)))


def close_on_exec(first: int) -> None:
    """Descriptors from `first` on are closed when the next program starts (Linux 5.11)."""
    syscall(_CLOSE_RANGE, first, 0xFFFFFFFF, _CLOSE_RANGE_CLOEXEC)


def read_memory(process: int, address: int, limit: int) -> bytes:
    """Up to `limit` bytes at `address` of another process; fewer where its memory ends."""
    buffer = ctypes.create_string_buffer(limit)
    local = struct.pack("=QQ", ctypes.addressof(buffer), limit)
    pieces, at = [], address
    while at < address + limit:  # by page: what lies before an unmapped page is read
        stop = min(address + limit, (at // _PAGE + 1) * _PAGE)
        pieces.append(struct.pack("=QQ", at, stop - at))
        at = stop
    remote = b"".join(pieces)
    _libc.process_vm_readv.restype = ctypes.c_ssize_t
    count = _checked(
        _libc.process_vm_readv(
            ctypes.c_int(process),
            local,
            ctypes.c_ulong(1),
            remote,
            ctypes.c_ulong(len(pieces)),
            ctypes.c_ulong(0),
        )
    )
    return buffer.raw[:count]


def map_user(user: int, group: int) -> None:
    """In a new user namespace, be the same user and group as outside."""
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, content.encode())
        finally:
            os.close(descriptor)


def _prctl(option: int, value: int) -> None:
    _checked(_libc.prctl(option, *(ctypes.c_ulong(given) for given in (value, 0, 0, 0))))


def _checked(result: int, where: str | None = None) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), where)
    return result


def words(errors: Sequence[OSError]) -> str:
    """Errors for people, shortly."""
    return "; ".join(error.strerror or str(error) for error in errors)
