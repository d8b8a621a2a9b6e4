"""Where a step may connect to: `--allow-net HOST:PORT`, and the names that stand for it inside."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

from modelward.core.errors import UsageError
from modelward.pipeline.sandbox.order import Destination

_FORM = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})\Z")
_HOSTS = "127.0.0.1 localhost\n::1 localhost\n"


def parse(given: Iterable[str]) -> tuple[Destination, ...]:
    """Read `HOST:PORT`, `192.0.2.1:443`, `[2001:db8::1]:443`. Raises UsageError.

    A host gets a loopback address of its own inside; an address stands for itself.
    """
    found: dict[tuple[str, int], Destination] = {}
    addresses: dict[str, str] = {}
    for text in given:
        match = _FORM.match(text)
        port = int(match["port"]) if match else 0
        if match is None or not 0 < port < 65536:
            raise UsageError(
                f"--allow-net {text!r} is not HOST:PORT",
                help="for example --allow-net hub.example:443; one for each host and port, no patterns",
            )
        host = match["six"] or match["host"].lower()
        local = _literal(host) or addresses.setdefault(
            host, f"127.77.{len(addresses) >> 8}.{len(addresses) & 255}"
        )
        found[(host, port)] = Destination(host, port, local)
    return tuple(found.values())


def hosts(destinations: Sequence[Destination]) -> str:
    """The file `/etc/hosts` of the command: the only names it can resolve."""
    named = {
        one.host: one.local for one in destinations if _literal(one.host) is None and one.host != "localhost"
    }
    return _HOSTS + "".join(f"{local} {host}\n" for host, local in named.items())


def _literal(host: str) -> str | None:
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None
