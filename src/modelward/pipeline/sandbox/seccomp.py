"""The system-call filter of a confined command: what is refused, and what is told to the observer.

Refused are calls that reach other processes, change mounts or namespaces, load code into the kernel, or
open files past the observer (io_uring, file handles). Opening a file and starting a program are told.
Source: https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from dataclasses import dataclass

from modelward.pipeline.sandbox import kernel

_SET_FILTER, _ACTION_AVAILABLE = 1, 2
_NEW_LISTENER, _WAIT_KILLABLE = 1 << 3, 1 << 5
_ALLOW, _NOTIFY, _KILL, _ERRNO = 0x7FFF0000, 0x7FC00000, 0x80000000, 0x00050000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENT_AT = 0, 4, 16

_X32 = 0x40000000
_NAMESPACES = 0x7E020000
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: typing on the user's terminal
#: UNIX, IPv4, IPv6, netlink. Others (vsock, packet, crypto) leave the network namespace or the machine.
_FAMILIES = (1, 2, 10, 16)
_LOCAL_FAMILIES = (1, 16)


@dataclass(frozen=True, slots=True)
class Machine:
    """Call numbers of one kind of processor. `told` maps a number to where its path and flags are."""

    audit: int
    seccomp: int
    clone: int
    clone3: int
    ioctl: int
    socket: int
    told: dict[int, str]
    refused: tuple[int, ...]


_SAME_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442)  # io_uring, mounts, pidfd_getfd

MACHINES = {
    "x86_64": Machine(
        audit=0xC000003E,
        seccomp=317,
        clone=56,
        clone3=435,
        ioctl=16,
        socket=41,
        told={2: "open", 85: "creat", 257: "openat", 437: "openat2", 59: "execve", 322: "execveat"},
        # ptrace, process_vm_readv/writev, kcmp, mount, umount2, pivot_root, chroot, unshare, setns
        refused=(
            *(101, 310, 311, 312, 165, 166, 155, 161, 272, 308),
            # bpf, perf_event_open, userfaultfd, keyctl, add_key, request_key, kexec, modules
            *(321, 298, 323, 250, 248, 249, 246, 320, 175, 313, 176),
            # open_by_handle_at, fanotify_init, swap, reboot, acct, clocks, quotas, host name, io ports
            *(304, 300, 167, 168, 169, 163, 164, 227, 305, 179, 170, 171, 172, 173, 103, 153, 212, 134),
            *_SAME_EVERYWHERE,
        ),
    ),
    "aarch64": Machine(
        audit=0xC00000B7,
        seccomp=277,
        clone=220,
        clone3=435,
        ioctl=29,
        socket=198,
        told={56: "openat", 437: "openat2", 221: "execve", 281: "execveat"},
        refused=(
            *(117, 270, 271, 272, 40, 39, 41, 51, 97, 268),
            *(280, 241, 282, 219, 217, 218, 104, 294, 105, 273, 106),
            *(265, 262, 224, 225, 142, 89, 170, 112, 266, 60, 161, 162, 116, 58, 18),
            *_SAME_EVERYWHERE,
        ),
    ),
}


def machine() -> Machine | None:
    """The call numbers of this machine, None where they are not known."""
    return MACHINES.get(platform.machine())


def can_notify() -> bool:
    """Whether this kernel can hand calls to an observer."""
    known = machine()
    if known is None:
        return False
    try:
        kernel.syscall(known.seccomp, _ACTION_AVAILABLE, 0, struct.pack("=I", _NOTIFY))
    except OSError:
        return False
    return True


def install(known: Machine, *, internet: bool) -> int:
    """Filter this process and all it starts; returns the descriptor that an observer serves.

    `internet` allows IPv4 and IPv6 sockets, which a network namespace must then confine. Needs
    `no_new_privs`. Raises OSError.
    """
    code = program(known, internet=internet)
    buffer = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    try:
        return kernel.syscall(known.seccomp, _SET_FILTER, _NEW_LISTENER | _WAIT_KILLABLE, described)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        return kernel.syscall(known.seccomp, _SET_FILTER, _NEW_LISTENER, described)  # before Linux 5.19


def program(known: Machine, *, internet: bool) -> bytes:
    """The filter as classic BPF. A call in another processor mode (32 bit, x32) ends the process."""
    refuse = _ERRNO | errno.EPERM
    families = _FAMILIES if internet else _LOCAL_FAMILIES
    code = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, known.audit, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32, 0, 1),
        _step(_RETURN, _KILL),
    ]
    for number in known.told:
        code += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _NOTIFY)]
    for number in known.refused:
        code += [_step(_EQUAL, number, 0, 1), _step(_RETURN, refuse)]
    # glibc then takes clone, whose flags a filter can read
    code += [_step(_EQUAL, known.clone3, 0, 1), _step(_RETURN, _ERRNO | errno.ENOSYS)]
    code += [
        _step(_EQUAL, known.clone, 0, 4),
        _step(_LOAD, _ARGUMENT_AT),
        _step(_ANY_BIT, _NAMESPACES, 0, 1),
        _step(_RETURN, refuse),
        _step(_RETURN, _ALLOW),
    ]
    code += [
        _step(_EQUAL, known.ioctl, 0, 5),
        _step(_LOAD, _ARGUMENT_AT + 8),
        _step(_EQUAL, _TERMINAL_INPUT[0], 1, 0),
        _step(_EQUAL, _TERMINAL_INPUT[1], 0, 1),
        _step(_RETURN, refuse),
        _step(_RETURN, _ALLOW),
    ]
    code += [_step(_EQUAL, known.socket, 0, len(families) + 3), _step(_LOAD, _ARGUMENT_AT)]
    for position, family in enumerate(families):
        code.append(_step(_EQUAL, family, len(families) - position, 0))
    code += [_step(_RETURN, _ERRNO | errno.EACCES), _step(_RETURN, _ALLOW), _step(_RETURN, _ALLOW)]
    return b"".join(code)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
