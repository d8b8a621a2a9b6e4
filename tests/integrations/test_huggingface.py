"""Against a real hub server."""

from __future__ import annotations

import itertools
import json

import pytest
from tests.formats.assemble import SHELL, good_safetensors, pickle
from tests.integrations.conftest import Hub, Web

from modelward.core.errors import InputError
from modelward.core.finding import Verdict
from modelward.integrations import huggingface
from modelward.integrations.huggingface import find
from modelward.scan.engine import scan_remote

_NAMES = itertools.count()


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)


def test_repository_is_read_at_one_commit(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    name = f"acme/m{next(_NAMES)}"
    files = {"model.safetensors": good_safetensors(), "config.json": b"{}", "sub/evil.bin": pickle(SHELL)}
    commit = hub.repository(name, files)
    result = scan_remote(find(f"hf://{name}"))
    assert result.verdict is Verdict.MALICIOUS
    assert [finding.path for finding in result.findings] == ["sub/evil.bin"]
    assert result.declared == f"gitCommit:{commit}"
    assert (result.files, result.examined) == (3, 3)
    for address in (f"hf://{name}@{commit}/config.json", f"hf://models/{name}@main/config.json"):
        assert scan_remote(find(address)).verdict is Verdict.CLEAN
    artifact = find(f"hf://{name}/sub")
    assert [file.name for file in artifact.files] == ["sub/evil.bin"]
    artifact.close()
    with pytest.raises(InputError, match="no such file"):
        find(f"hf://{name}/missing.bin")


def test_repository_that_is_not_there(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    with pytest.raises(InputError, match="the server answers"):
        find("hf://acme/missing")


@pytest.mark.parametrize("url", ["hf://gpt2", "hf://", "hf://a/b c", "hf://../../etc/x@"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(InputError, match="not the address"):
        find(url)


COMMIT = "a" * 40


def hostile(web: Web, listing: object, **headers: str) -> None:
    """A server that only looks like a hub."""
    web.files["/api/models/a/b/revision/main"] = json.dumps({"sha": COMMIT}).encode()
    web.files[f"/api/models/a/b/tree/{COMMIT}"] = json.dumps(listing).encode()
    web.headers = dict(headers)


def test_large_file_declares_its_digest_and_no_token_reaches_another_server(
    web: Web, other_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    data = good_safetensors()
    entry = {"type": "file", "path": "m.safetensors", "size": 5, "lfs": {"oid": "0" * 64, "size": len(data)}}
    hostile(web, [entry])
    web.redirects[f"/a/b/resolve/{COMMIT}/m.safetensors"] = f"{other_web.url}/blob?sig=1"
    other_web.files["/blob"] = data
    result = scan_remote(find("hf://a/b/m.safetensors"))
    assert result.verdict is Verdict.CLEAN
    assert result.declared == f"sha256:{'0' * 64}"
    assert all(headers.get("Authorization") == "Bearer hf_secret" for _, headers in web.asked)
    assert all("Authorization" not in headers for _, headers in other_web.asked)


@pytest.mark.parametrize(
    "listing",
    [
        {"error": "x"},
        [{"type": "file", "path": "x", "size": -1}],
        [{"type": "file", "path": "x", "size": True}],
        [{"type": "file", "path": 3, "size": 1}],
        [[]],
    ],
)
def test_listing_that_makes_no_sense(web: Web, monkeypatch: pytest.MonkeyPatch, listing: object) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    hostile(web, listing)
    with pytest.raises(InputError):
        find("hf://a/b")


def test_listing_without_end_is_cut(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setattr(huggingface, "MAX_PAGES", 3)
    hostile(web, [], Link=f'<{web.url}/api/models/a/b/tree/{COMMIT}?more>; rel="next"')
    with pytest.raises(InputError, match="over 3 pages"):
        find("hf://a/b")


def test_listing_that_goes_on_elsewhere_is_refused(
    web: Web, other_web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hostile(web, [], Link=f'<{other_web.url}/steal>; rel="next"')
    with pytest.raises(InputError, match="another server"):
        find("hf://a/b")
    assert other_web.asked == []


def test_names_with_odd_characters_are_asked_for_as_they_are(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    hostile(web, [{"type": "file", "path": "a b?#\u202e.json", "size": 2}])
    web.files[f"/a/b/resolve/{COMMIT}/a%20b%3F%23%E2%80%AE.json"] = b"{}"
    assert scan_remote(find("hf://a/b")).verdict is Verdict.CLEAN
