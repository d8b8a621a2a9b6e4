"""Listeners of a destination that is named by number: its address is the sandbox's own loopback."""

from __future__ import annotations

import socket
import threading

import pytest
from tests.pipeline.sandbox.conftest import Cell

from modelward.pipeline.sandbox.order import Destination


@pytest.mark.parametrize("local", ["192.0.2.7", "2001:db8::7"])
def test_address_leads_to_the_relay(cell: Cell, local: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            end, _ = server.accept()
            with end:
                end.sendall(b"reached")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        connect = f"socket.create_connection(({local!r}, {port}), 5).recv(100)"
        assert (
            cell.attempt(connect, destinations=(Destination("127.0.0.1", port, local),)) == "did b'reached'"
        )
        thread.join()
