"""Destinations are single hosts and ports; nothing else resolves inside."""

from __future__ import annotations

import pytest

from modelward.core.errors import UsageError
from modelward.pipeline.sandbox.destinations import hosts, parse


def test_each_host_has_an_address_of_its_own_inside() -> None:
    found = parse(["Hub.example:443", "hub.example:80", "s3.example:443"])
    assert [(one.host, one.port) for one in found] == [
        ("hub.example", 443),
        ("hub.example", 80),
        ("s3.example", 443),
    ]
    assert found[0].local == found[1].local != found[2].local
    assert hosts(found).splitlines()[2:] == ["127.77.0.0 hub.example", "127.77.0.1 s3.example"]


def test_address_stands_for_itself() -> None:
    four, six, here = parse(["192.0.2.7:5432", "[2001:db8::1]:443", "localhost:9000"])
    assert (four.local, six.local, here.local) == ("192.0.2.7", "2001:db8::1", "127.0.0.1")
    assert str(six) == "[2001:db8::1]:443"
    assert hosts([four, six, here]) == "127.0.0.1 localhost\n::1 localhost\n"


@pytest.mark.parametrize(
    "text",
    ["hub.example", "hub.example:", ":443", "hub.example:0", "hub.example:70000", "*.example:443", "a b:1"],
)
def test_anything_but_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not HOST:PORT"):
        parse([text])
