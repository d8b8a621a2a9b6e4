"""The relay connects to what a listener stands for, and to nothing else."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from modelward.pipeline.sandbox.order import Destination
from modelward.pipeline.sandbox.relay import Relay


@contextmanager
def relayed(port: int) -> Iterator[tuple[Relay, Destination, tuple[str, int]]]:
    destination = Destination("127.0.0.1", port, "127.0.0.1")
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    relay = Relay([destination], [listener])
    try:
        yield relay, destination, address
    finally:
        relay.close()


def test_bytes_go_both_ways_and_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def echo() -> None:
            end, _ = server.accept()
            with end:
                while chunk := end.recv(1000):
                    end.sendall(chunk)

        thread = threading.Thread(target=echo, daemon=True)
        thread.start()
        with relayed(server.getsockname()[1]) as (relay, destination, address):
            with socket.create_connection(address, 5) as end:
                end.sendall(b"x" * 100_000)
                end.shutdown(socket.SHUT_WR)
                received = b""
                while chunk := end.recv(1 << 16):
                    received += chunk
            thread.join()
            assert received == b"x" * 100_000
            traffic = relay.traffic[destination]
            assert traffic.connections == 1
            assert traffic.addresses == {"127.0.0.1"}


def test_destination_that_does_not_answer_closes_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with relayed(port) as (relay, destination, address):
        with socket.create_connection(address, 5) as end:
            assert end.recv(1) == b""
        assert relay.traffic[destination].failed == 1


def test_closing_ends_open_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with relayed(server.getsockname()[1]) as (_, _, address):
            end = socket.create_connection(address, 5)
            other, _ = server.accept()
        with end, other:
            end.settimeout(5)
            assert end.recv(1) == b""
