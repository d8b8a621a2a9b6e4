"""The command's network: a namespace whose only interface is loopback, and our listeners on it.

Sockets made here stay in this namespace wherever they are used: the relay outside accepts on them, and
connects to the one destination that each stands for. The command reaches nothing else.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Sequence

from modelward.pipeline.sandbox.order import Destination

_SET_FLAGS, _SET_ADDRESS = 0x8914, 0x8916
_UP_AND_RUNNING = 0x41
_LOOPBACK_INDEX = 1
_FREE_BIND = 78
_BACKLOG = 64


def raise_loopback() -> None:
    """Bring `lo` up. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("=16sH14x", b"lo", _UP_AND_RUNNING))


def listen(destinations: Sequence[Destination]) -> list[socket.socket]:
    """A listener for each destination, on the address that stands for it. Raises OSError."""
    listeners = []
    for position, destination in enumerate(destinations):
        address = ipaddress.ip_address(destination.local)
        if not address.is_loopback:
            _add(address, position)
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.version == 6:  # the kernel takes a moment to make a new address usable
            listener.setsockopt(socket.IPPROTO_IPV6, _FREE_BIND, 1)
        listener.bind((destination.local, destination.port))
        listener.listen(_BACKLOG)
        listeners.append(listener)
    return listeners


def _add(address: ipaddress.IPv4Address | ipaddress.IPv6Address, position: int) -> None:
    """Give loopback the address of a destination that is named by number."""
    if address.version == 4:
        name = f"lo:{position}".encode()
        request = struct.pack("=16sHH4s8x", name, socket.AF_INET, 0, address.packed)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, _SET_ADDRESS, request)
    else:
        request = struct.pack("=16sIi", address.packed, 128, _LOOPBACK_INDEX)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            fcntl.ioctl(control, _SET_ADDRESS, request)
