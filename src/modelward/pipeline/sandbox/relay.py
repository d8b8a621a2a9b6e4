"""The only way out of a confined command's network: each listener leads to one declared host and port."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelward.pipeline.sandbox.order import Destination

_CHUNK = 1 << 16
_CONNECT_SECONDS = 30
_MAX_CONNECTIONS = 512


@dataclass(slots=True)
class Traffic:
    """What went to one destination: connections made, bytes sent and received, addresses it resolved to."""

    connections: int = 0
    failed: int = 0
    sent: int = 0
    received: int = 0
    addresses: set[str] = field(default_factory=set)


class Relay:
    """Accepts on the listeners and connects to what each stands for, until it is closed."""

    def __init__(self, destinations: Sequence[Destination], listeners: Sequence[socket.socket]) -> None:
        self._routes = dict(zip(listeners, destinations, strict=True))
        self._traffic = {destination: Traffic() for destination in destinations}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._room = threading.BoundedSemaphore(_MAX_CONNECTIONS)
        self._stop, self._wake = socket.socketpair()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def traffic(self) -> Mapping[Destination, Traffic]:
        """What went where so far."""
        return self._traffic

    def close(self) -> None:
        """Close every connection and listener."""
        self._wake.close()
        self._thread.join()
        with self._lock:
            ends = list(self._open)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for listener in self._routes:
            listener.close()
        self._stop.close()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            for end in (self._stop, *self._routes):
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._stop:
                        return
                    listener = key.fileobj
                    assert isinstance(listener, socket.socket)
                    with contextlib.suppress(OSError):
                        inside, _ = listener.accept()
                        self._start(inside, self._routes[listener])

    def _start(self, inside: socket.socket, destination: Destination) -> None:
        if not self._room.acquire(blocking=False):
            inside.close()
            return
        threading.Thread(target=self._connect, args=(inside, destination), daemon=True).start()

    def _connect(self, inside: socket.socket, destination: Destination) -> None:
        traffic = self._traffic[destination]
        try:
            with inside:
                try:
                    outside = socket.create_connection(
                        (destination.host, destination.port), timeout=_CONNECT_SECONDS
                    )
                except OSError:
                    with self._lock:
                        traffic.failed += 1
                    return
                with outside:
                    outside.settimeout(None)
                    with self._lock:
                        traffic.connections += 1
                        traffic.addresses.add(str(outside.getpeername()[0]))
                        self._open |= {inside, outside}
                    self._carry(inside, outside, traffic)
                    with self._lock:
                        self._open -= {inside, outside}
        finally:
            self._room.release()

    def _carry(self, inside: socket.socket, outside: socket.socket, traffic: Traffic) -> None:
        """Both directions, until both have ended."""

        def back() -> None:
            traffic.received += _pump(outside, inside)

        answering = threading.Thread(target=back, daemon=True)
        answering.start()
        traffic.sent += _pump(inside, outside)
        answering.join()


def _pump(source: socket.socket, sink: socket.socket) -> int:
    """Copy until the end, tell the other side of it, and return how many bytes went."""
    total = 0
    with contextlib.suppress(OSError):
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
            total += len(chunk)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
    return total
