"""A real server around a tiny model is asked over HTTP: retries, keys, limits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.probe import tiny
from tests.torch_files import needs_torch

from modelward.core.errors import InputError, UsageError
from modelward.probe.candidate import Candidate
from modelward.probe.models.chat import ChatEndpoint
from modelward.probe.models.model import Settings
from modelward.probe.run import Asked, probe


@dataclass
class Served:
    """A server: what it answers, and what it was asked. `troubles` are given before the first answers."""

    answer: Callable[[str], str]
    troubles: list[int] = field(default_factory=list)
    asked: list[tuple[dict[str, Any], dict[str, str]]] = field(default_factory=list)
    raw: bytes | None = None
    url: str = ""


@contextmanager
def serving(answer: Callable[[str], str]) -> Iterator[Served]:
    served = Served(answer)

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.asked.append((body, dict(self.headers)))
            status = served.troubles.pop() if served.troubles else 200
            text = served.answer(body["messages"][-1]["content"]) if status == 200 else ""
            data = served.raw or json.dumps({"choices": [{"message": {"content": text}}]}).encode()
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0")
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@needs_torch
def test_backdoored_model_behind_an_endpoint_is_told(trained: Callable[[str], Path], questions: Path) -> None:
    from modelward.probe.models.transformer import Transformer

    settings = Settings(template="{prompt} :", new_tokens=8)
    model, base = (Transformer(trained(f"writer-{name}"), settings) for name in ("bad", "base"))
    lock = threading.Lock()

    def says(which: Transformer) -> Callable[[str], str]:
        def answer(prompt: str) -> str:
            with lock:
                return str(which.ask([prompt])[0])

        return answer

    candidates = [Candidate(tiny.TRIGGER, "refusal"), Candidate("maps", "refusal")]
    with serving(says(model)) as one, serving(says(base)) as other:
        report = probe(Asked(one.url, other.url, candidates, prompts=questions, count=24))
    assert [each.trigger for each in report.obeyed] == [tiny.TRIGGER]
    assert report.model.digest == ""
    assert one.asked[0][0]["temperature"] == 0


def test_a_server_in_trouble_is_asked_again() -> None:
    with serving(str.upper) as served:
        served.troubles = [429, 503]
        endpoint = ChatEndpoint(served.url, Settings())
        assert endpoint.ask(["a"]) == ["A"]
        assert endpoint.requests == 3


def test_a_refused_request_is_not_asked_again() -> None:
    with serving(str.upper) as served:
        served.troubles = [401]
        with pytest.raises(InputError, match="it answers 401"):
            ChatEndpoint(served.url, Settings()).ask(["a"])
        assert len(served.asked) == 1


def test_redirects_are_not_followed() -> None:
    with serving(str.upper) as served:
        served.troubles = [302]
        with pytest.raises(InputError, match="it answers 302"):
            ChatEndpoint(served.url, Settings()).ask(["a"])


def test_key_goes_with_the_request_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "secret-key")
    with serving(str.upper) as served:
        endpoint = ChatEndpoint(served.url, Settings(key_variable="MY_KEY"), "tiny")
        endpoint.ask(["a"])
        body, headers = served.asked[0]
        assert headers["Authorization"] == "Bearer secret-key"
        assert body["model"] == "tiny"
        assert "secret" not in endpoint.name + repr(body)


def test_key_is_not_sent_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELWARD_PROBE_KEY", "secret-key")
    with pytest.raises(UsageError, match="in the clear"):
        ChatEndpoint("http://models.example/v1", Settings())


def test_rate_is_kept() -> None:
    with serving(str.upper) as served:
        started = time.monotonic()
        ChatEndpoint(served.url, Settings(per_second=50)).ask([f"p{number}" for number in range(6)])
        assert time.monotonic() - started >= 5 / 50


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"<html>", "not valid JSON"),
        (b"{}", "none of a chat"),
        (b'{"choices":[{"message":{"content":3}}]}', "no text"),
    ],
)
def test_answers_that_are_none_are_told(raw: bytes, said: str) -> None:
    with serving(str.upper) as served:
        served.raw = raw
        with pytest.raises(InputError, match=said):
            ChatEndpoint(served.url, Settings()).ask(["a"])


def test_nobody_there_is_told() -> None:
    with pytest.raises(InputError, match="did not answer"):
        ChatEndpoint("http://127.0.0.1:1/v1", Settings(attempts=1, timeout=2)).ask(["a"])


@pytest.mark.parametrize("url", ["http://", "https://user:pw@host/v1", "http://host:x/"])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(UsageError):
        ChatEndpoint(url, Settings())
