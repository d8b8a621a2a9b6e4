from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integrations.conftest import Web

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.remote import Changed, Meter, RangeSource
from modelward.integrations import ranges
from modelward.integrations.http import Client
from modelward.integrations.ranges import RangedFile

DATA = os.urandom(300_000)


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


@pytest.fixture
def file(web: Web, client: Client) -> RangedFile:
    web.files["/f"] = DATA
    web.etags["/f"] = '"one"'
    return RangedFile(client, f"{web.url}/f", Meter())


def test_only_what_is_asked_for_is_fetched(file: RangedFile) -> None:
    assert file.measure() == len(DATA)
    assert file(1000, 50) == DATA[1000:1050]
    assert file.meter.bytes == 51


def test_server_without_ranges_is_read_whole(web: Web, file: RangedFile) -> None:
    web.ranges = False
    assert file.measure() == len(DATA)
    assert file(1000, 50) == DATA[1000:1050]
    assert len(web.asked) == 1
    assert file.meter.bytes == len(DATA)


def test_server_without_ranges_and_an_endless_file(
    web: Web, file: RangedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "MAX_WHOLE_BYTES", 1000)
    web.ranges = False
    with pytest.raises(LimitExceeded, match="more than 1000 bytes"):
        file.measure()
    file.size = 5000
    with pytest.raises(LimitExceeded, match="serves no parts"):
        file(0, 1)


@pytest.mark.parametrize("etag", ['"two"', None])
def test_file_that_is_replaced_meanwhile_is_an_error(web: Web, file: RangedFile, etag: str | None) -> None:
    file(0, 10)
    web.files["/f"] = DATA[::-1] + b"longer"
    if etag is None:
        del web.etags["/f"]
        file.validator = None
    else:
        web.etags["/f"] = etag
    if etag is None:
        file.size = len(DATA)
    with pytest.raises(Changed):
        file(10, 10)


def test_date_tells_too(web: Web, file: RangedFile) -> None:
    del web.etags["/f"]
    web.headers["Last-Modified"] = "Mon, 23 Nov 2026 01:00:00 GMT"
    file(0, 10)
    web.headers["Last-Modified"] = "Mon, 23 Nov 2026 02:00:00 GMT"
    with pytest.raises(Changed):
        file(10, 10)


def test_empty_file(web: Web, file: RangedFile) -> None:
    web.files["/f"] = b""
    assert file.measure() == 0


def lying(status: int, body: bytes, **headers: str) -> Any:
    def lie(handler: Any) -> None:
        handler.answer(status, body, **{name.replace("_", "-"): value for name, value in headers.items()})

    return lie


@pytest.mark.parametrize(
    "lie",
    [
        lying(206, b"x" * 10, Content_Range="bytes 5-14/300000"),
        lying(206, b"x" * 10, Content_Range="nonsense"),
        lying(206, b"x" * 10),
        lying(206, b"x" * 10, Content_Range="bytes 0-9/7"),
        lying(206, b"x" * 10, Content_Range="bytes 0-9/99999999999999999999999999"),
        lying(403, b""),
        lying(500, b""),
        lying(206, b"x", Content_Length="-1", Content_Range="bytes 0-9/300000", Connection="close"),
    ],
    ids=["other part", "nonsense", "no range", "small", "huge", "forbidden", "broken", "negative length"],
)
def test_server_that_lies_is_an_error_or_gives_too_little(web: Web, file: RangedFile, lie: Any) -> None:
    web.lie = lie
    file.size = len(DATA)
    with pytest.raises(InputError) as caught:
        RangeSource(len(DATA), file, "there").read(0, 10)
    assert caught.value.where in (f"{web.url}/f", "there")


def test_longer_answer_than_was_asked_for_is_cut(web: Web, file: RangedFile) -> None:
    web.lie = lying(206, b"x" * 100_000, Content_Range="bytes 0-99999/300000")
    file.size = len(DATA)
    assert file(0, 10) == b"x" * 10
    web.lie = None
    assert file(0, 10) == DATA[:10]


def test_redirect_is_followed_once_and_again_when_it_expires(
    web: Web, other_web: Web, client: Client
) -> None:
    web.redirects["/f"] = f"{other_web.url}/signed"
    other_web.files["/signed"] = DATA
    file = RangedFile(client, f"{web.url}/f", Meter())
    for offset in (0, 10, 20):
        assert file(offset, 10) == DATA[offset : offset + 10]
    assert (len(web.asked), len(other_web.asked)) == (1, 3)
    other_web.files = {"/new": DATA}
    web.redirects["/f"] = f"{other_web.url}/new"
    assert file(30, 10) == DATA[30:40]


def test_a_secret_stays_with_the_server_that_redirects(web: Web, other_web: Web, client: Client) -> None:
    web.redirects["/f"] = f"{other_web.url}/signed"
    other_web.files["/signed"] = DATA
    file = RangedFile(client, f"{web.url}/f", Meter(), secret={"Authorization": "Bearer secret"})
    for offset in (0, 10, 20):
        assert file(offset, 10) == DATA[offset : offset + 10]
    assert len(other_web.asked) == 3
    assert "secret" not in repr([dict(headers) for *_, headers in other_web.asked])
