from __future__ import annotations

import pytest

from modelward.formats import web


@pytest.mark.parametrize(
    "url",
    [
        "https://huggingface.co/x",
        "https://download.pytorch.org/whl/cu118",
        "http://localhost:8000",
        "https://{host}/x",
    ],
)
def test_known_hosts(url: str) -> None:
    assert web.is_known(url)


@pytest.mark.parametrize(
    "url", ["https://huggingface.co.evil.io/x", "https://evilpytorch.org", "http://[broken"]
)
def test_hosts_that_only_look_known(url: str) -> None:
    assert not web.is_known(url) or not web.host_of(url)


def test_drops_and_bare_addresses() -> None:
    assert web.is_drop("https://abc.ngrok.io/x")
    assert web.is_drop("https://discord.com/api/webhooks/1/2")
    assert not web.is_drop("https://discord.com/invite")
    assert web.is_address("http://203.0.113.9/x")
    assert not web.is_address("http://127.0.0.1:8000")
    assert web.first("curl 'https://a.b/c' | sh") == "https://a.b/c"
