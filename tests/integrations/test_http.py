"""A client that hostile servers cannot use against the user."""

from __future__ import annotations

import time

import pytest
from tests.integrations.conftest import Web

from modelward.core.errors import InputError
from modelward.integrations import http
from modelward.integrations.http import Client, shown


def get(url: str, **options: object) -> bytes:
    client = Client()
    try:
        with client.get(url, **options) as answer:  # type: ignore[arg-type]
            return answer.read(1000)
    finally:
        client.close()


def test_connection_is_kept(web: Web) -> None:
    web.files["/a"] = b"data"
    client = Client()
    for _ in range(3):
        with client.get(f"{web.url}/a") as answer:
            assert answer.read(10) == b"data"
    (connection,) = client._connections.values()
    assert connection.sock is not None
    client.close()


def test_connection_that_the_server_closed_is_opened_again(web: Web) -> None:
    web.files["/a"] = b"data"
    client = Client()
    for _ in range(2):
        with client.get(f"{web.url}/a") as answer:
            assert answer.read(10) == b"data"
        for connection in client._connections.values():
            connection.sock.close()
            connection.sock = None
    client.close()


def test_secret_does_not_follow_a_redirect_to_another_server(web: Web, other_web: Web) -> None:
    web.redirects["/a"] = f"{other_web.url}/b"
    other_web.files["/b"] = b"data"
    assert get(f"{web.url}/a", secret={"Authorization": "Bearer x"}) == b"data"
    assert web.asked[0][1]["Authorization"] == "Bearer x"
    assert "Authorization" not in other_web.asked[0][1]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("file:///etc/passwd", "not an http"),
        ("ftp://127.0.0.1/x", "not an http"),
        ("http://example.org/x", "only https"),
        ("http://user:secret@127.0.0.1/x", "must not hold"),
        ("/a", "redirects too often"),
    ],
)
def test_redirect_that_leads_astray_is_refused(web: Web, target: str, said: str) -> None:
    web.redirects["/a"] = target
    with pytest.raises(InputError, match=said) as caught:
        get(f"{web.url}/a")
    assert "secret" not in str(caught.value)


def test_public_server_that_redirects_into_the_network_is_refused(
    web: Web, other_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server's address is taken for a public one; the second one is what it is."""
    seen: list[bool] = []
    real = http._is_outside

    def outside(connection: http._Plain | http._Secure) -> bool:
        seen.append(True)
        return len(seen) == 1 or real(connection)

    monkeypatch.setattr(http, "_is_outside", outside)
    web.redirects["/a"] = f"{other_web.url}/b"
    with pytest.raises(InputError, match="inside your network"):
        get(f"{web.url}/a")
    assert other_web.asked == []


@pytest.mark.parametrize(
    "url", ["ftp://x/", "https://", "http://[::1/", "https://a b/", "http://example.org/x"]
)
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        get(url)


def test_encoded_answer_is_refused(web: Web) -> None:
    web.files["/a"] = b"\x1f\x8b"
    web.headers["Content-Encoding"] = "gzip"
    with pytest.raises(InputError, match="encoded"):
        get(f"{web.url}/a")


def test_endless_answer_is_cut(web: Web) -> None:
    web.files["/a"] = bytes(1 << 20)
    with pytest.raises(InputError, match="over 1000 bytes"):
        get(f"{web.url}/a")


def test_server_that_drips_is_cut_off(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "1000")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        try:
            for _ in range(100):
                handler.wfile.write(b"x")  # type: ignore[attr-defined]
                time.sleep(0.05)
        except OSError:
            return

    monkeypatch.setattr(http, "DEADLINE_SECONDS", 0.3)
    web.files["/a"] = b""
    web.lie = drip
    begin = time.monotonic()
    with pytest.raises(InputError):
        get(f"{web.url}/a")
    assert time.monotonic() - begin < 3


def test_all_requests_together_have_a_deadline(web: Web) -> None:
    client = Client(until=time.monotonic() - 1)
    with pytest.raises(InputError, match="took over"), client.get(f"{web.url}/a"):
        pass


def test_server_that_is_not_there() -> None:
    with pytest.raises(InputError, match="does not answer") as caught:
        get("http://127.0.0.1:9/x?token=secret")
    assert caught.value.where == "http://127.0.0.1:9/x"


def test_secrets_in_addresses_are_not_shown() -> None:
    assert shown("https://user:pw@host/path?X-Amz-Signature=1#f") == "https://host/path"
