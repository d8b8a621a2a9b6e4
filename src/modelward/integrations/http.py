"""A small HTTP client for reading from servers that are not trusted.

Redirects are followed a few times: never from https to http, never from a public server to an address inside
the user's network, and never with a secret to another origin. No answer is taken encoded, none is longer
than was asked for, and each has to arrive within a deadline. Proxies come from the environment.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from modelward import __version__
from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.source import CHUNK_BYTES

MAX_REDIRECTS = 5
CONNECT_SECONDS = 20
#: For one request and its answer.
DEADLINE_SECONDS = 600
#: For all requests of one client.
TOTAL_SECONDS = 3600
_REDIRECTS = {301, 302, 303, 307, 308}
_HELP = "check the address and the network, then try again"

Origin = tuple[str, str, int]


@dataclass(slots=True)
class Answer:
    """A server's answer, before its body is read. `url` is where it came from after redirects."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    stream: http.client.HTTPResponse
    outside: bool = False  # a public server was asked on the way

    def read(self, limit: int) -> bytes:
        """The body, of which more than `limit` bytes are an error. Raises InputError."""
        data = b"".join(self.pieces(limit + 1))
        if len(data) > limit:
            raise InputError(f"the answer is over {limit} bytes", where=shown(self.url))
        return data

    def pieces(self, limit: int) -> Iterator[bytes]:
        """The body in pieces, up to `limit` bytes. Raises InputError."""
        while limit > 0:
            try:
                piece = self.stream.read(min(limit, CHUNK_BYTES))
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _unanswered(self.url, error) from None
            if not piece:
                if self.stream.length:
                    raise InputError("the answer breaks off", where=shown(self.url), help=_HELP)
                return
            limit -= len(piece)
            yield piece


@dataclass(slots=True)
class Client:
    """Connections to servers, one each, kept open between requests; `resources` are closed with them."""

    until: float = field(default_factory=lambda: time.monotonic() + TOTAL_SECONDS)
    resources: ExitStack = field(default_factory=ExitStack)
    _connections: dict[Origin, _Plain | _Secure] = field(default_factory=dict)

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        secret: Mapping[str, str] | None = None,
        outside: bool = False,
    ) -> Iterator[Answer]:
        """Ask for `url`. `secret` are headers for its origin alone; `outside`: a public server named it.

        Whatever status comes is an answer, but for redirects. Raises InputError.
        """
        asked = {"User-Agent": f"modelward/{__version__}", "Accept-Encoding": "identity"}
        asked |= headers or {}
        first, at = _split(url), url
        for _ in range(MAX_REDIRECTS + 1):
            parts = _split(at)
            own = {**asked, **(secret or {})} if _origin(parts) == _origin(first) else asked
            with self._deadline(parts):
                stream = self._send(parts, own, inside=not outside)
                outside = outside or _is_outside(self._connections[_origin(parts)])
                target = stream.headers.get("Location") if stream.status in _REDIRECTS else None
                if target is None:
                    try:
                        yield self._answer(at, stream, outside)
                    finally:
                        if not stream.isclosed():  # what was not read would be taken for the next answer
                            self._drop(parts)
                    return
                self._drop(parts)
            at = _redirected(at, target)
        raise InputError("it redirects too often", where=shown(url), help=_HELP)

    def _answer(self, at: str, stream: http.client.HTTPResponse, outside: bool) -> Answer:
        if stream.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise InputError("the server sends its answer encoded, which was not asked for", where=shown(at))
        return Answer(at, stream.status, stream.headers, stream, outside)

    def _send(self, parts: SplitResult, headers: dict[str, str], *, inside: bool) -> http.client.HTTPResponse:
        """Send a request; once more on a new connection where the server has closed the old one."""
        target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        while True:
            kept = _origin(parts) in self._connections
            connection = self._connection(parts, inside=inside)
            try:
                connection.request("GET", target, headers=headers)
                return connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                self._drop(parts)
                if not kept or not isinstance(error, ConnectionError):
                    raise _unanswered(urlunsplit(parts), error) from None

    def _connection(self, parts: SplitResult, *, inside: bool) -> _Plain | _Secure:
        """A connection to the server; `inside`: it may lie inside the user's own network."""
        origin = _origin(parts)
        if origin not in self._connections:
            connection = _connect(parts)
            try:
                connection.connect()
            except (OSError, http.client.HTTPException) as error:
                raise _unanswered(urlunsplit(parts), error) from None
            self._connections[origin] = connection
        connection = self._connections[origin]
        if not inside and not _is_outside(connection):
            raise InputError(
                "a server outside redirects to an address inside your network",
                where=shown(urlunsplit(parts)),
                help="do not scan from there; ask whom the server belongs to",
            )
        return connection

    @contextmanager
    def _deadline(self, parts: SplitResult) -> Iterator[None]:
        """Cut the connection off in time: a server that sends a byte now and then holds nobody up."""
        seconds = min(DEADLINE_SECONDS, self.until - time.monotonic())
        if seconds <= 0:
            raise LimitExceeded(
                f"reading it took over {TOTAL_SECONDS} seconds", where=shown(urlunsplit(parts))
            )

        def cut() -> None:
            with suppress(OSError, AttributeError, KeyError):
                self._connections[_origin(parts)].sock.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _drop(self, parts: SplitResult) -> None:
        connection = self._connections.pop(_origin(parts), None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Close all connections and resources."""
        self.resources.close()
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()


def shown(url: str) -> str:
    """A URL for people: without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def is_loopback(host: str | None) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost":
        return True
    try:
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    """A URL that is safe to ask for. Raises InputError."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise InputError("not an http(s) address", where=url[:200]) from None
    if not sound or any(char <= " " or char == "\x7f" for char in url):
        raise InputError("not an http(s) address", where=shown(url))
    if "@" in parts.netloc:
        raise InputError("an address must not hold a user or a password", where=shown(url))
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise InputError("only https is read over the network", where=shown(url), help="write https://")
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return SplitResult(parts.scheme, parts.netloc, path, query, "")


def _origin(parts: SplitResult) -> Origin:
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _redirected(at: str, target: str) -> str:
    to = urljoin(at, target)
    if at.startswith("https:") and not to.startswith("https:"):
        raise InputError("it redirects from https to something else", where=shown(at))
    _split(to)
    return to


class _Plain(http.client.HTTPConnection):
    """To a server on this machine."""

    proxied = False


class _Secure(http.client.HTTPSConnection):
    """To any other, perhaps through a tunnel of a proxy."""

    proxied = False


def _connect(parts: SplitResult) -> _Plain | _Secure:
    scheme, host, port = _origin(parts)
    if scheme == "http":
        return _Plain(host, port, timeout=CONNECT_SECONDS)
    proxy = None if is_loopback(host) or proxy_bypass(host) else getproxies().get("https")
    if not proxy:
        return _Secure(host, port, timeout=CONNECT_SECONDS)
    via = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    connection = _Secure(via.hostname or "", via.port or 80, timeout=CONNECT_SECONDS)
    connection.proxied = True
    headers = {}
    if via.username:
        user = f"{unquote(via.username)}:{unquote(via.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
    connection.set_tunnel(host, port, headers)
    return connection


def _is_outside(connection: _Plain | _Secure) -> bool:
    """Whether the peer has a public address; through a proxy that is the proxy's to judge."""
    if connection.proxied:
        return True
    try:
        return ipaddress.ip_address(connection.sock.getpeername()[0].partition("%")[0]).is_global
    except (AttributeError, OSError, ValueError):
        return False


def _unanswered(url: str, error: Exception) -> InputError:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InputError(f"the server does not answer as it should: {said}", where=shown(url), help=_HELP)
