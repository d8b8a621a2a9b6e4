"""A chat endpoint that speaks as OpenAI's does: POST .../chat/completions, one prompt a request.

Answers are asked for greedily (temperature 0, a fixed seed); whether the server obeys it does not say. The
key comes from an environment variable, goes to this server alone and is never written anywhere.
"""

from __future__ import annotations

import http.client
import os
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any
from urllib.parse import SplitResult, urlsplit

from modelward import __version__
from modelward.core import strict_json
from modelward.core.errors import InputError, UsageError
from modelward.probe.models.model import Model, Settings

MAX_ANSWER = 8 << 20
#: Requests at once.
THREADS = 8
_LATER = {408, 409, 425, 429, 500, 502, 503, 504}
#: Seconds before the second attempt, doubled for each further one; at most.
_PAUSE, _LONGEST = 0.5, 30.0
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ChatEndpoint(Model):
    """A server, asked by HTTP. `requests` counts what was sent."""

    def __init__(self, url: str, settings: Settings, model_name: str = "") -> None:
        """Name the endpoint; nothing is asked yet. Raises UsageError."""
        self._parts = _checked(url)
        self._settings = settings
        self._model = model_name or settings.model_name
        self.name = f"{self._parts.scheme}://{self._parts.netloc}{self._parts.path}" + (
            f"#{self._model}" if self._model else ""
        )
        self.batch = settings.batch or THREADS
        self.requests = 0
        self._lock = Lock()
        self._next = 0.0
        self._key = os.environ.get(settings.key_variable, "")
        if self._key and self._parts.scheme == "http" and self._parts.hostname not in _LOOPBACK:
            raise UsageError(
                "a key would go over the network in the clear",
                where=self.name,
                help=f"use https, or unset {settings.key_variable}",
            )

    @property
    def where(self) -> str:
        """What computes the answers."""
        return "endpoint"

    def ask(self, prompts: Sequence[str]) -> list[Any]:
        """What it writes. Raises InputError once a request has failed as often as it may."""
        with ThreadPoolExecutor(min(self.batch, THREADS, len(prompts)) or 1, "probe") as pool:
            return list(pool.map(self._answer, prompts))

    def _answer(self, prompt: str) -> str:
        turns = [
            {"role": "user", "content": (self._settings.template or "{prompt}").replace("{prompt}", prompt)}
        ]
        if self._settings.system:
            turns.insert(0, {"role": "system", "content": self._settings.system})
        asked: dict[str, Any] = {
            "messages": turns,
            "temperature": 0,
            "seed": 0,
            "max_tokens": self._settings.new_tokens,
        }
        if self._model:
            asked["model"] = self._model
        body = strict_json.dumps(asked)
        problem = "it did not answer"
        for attempt in range(max(1, self._settings.attempts)):
            self._wait()
            try:
                status, later, answer = self._post(body)
            except (OSError, http.client.HTTPException) as error:
                problem, later = f"it did not answer: {error or type(error).__name__}", None
            else:
                if status == 200:
                    return _said(answer, self.name)
                problem = f"it answers {status}"
                if status not in _LATER:
                    break
            if attempt + 1 < self._settings.attempts:
                time.sleep(min(_LONGEST, later if later is not None else _PAUSE * 2**attempt))
        raise InputError(problem, where=self.name, help="check the address, the key and the model's name")

    def _wait(self) -> None:
        """Keep to the rate that was asked for."""
        with self._lock:
            self.requests += 1
            if self._settings.per_second <= 0:
                return
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + 1 / self._settings.per_second
        time.sleep(max(0.0, at - now))

    def _post(self, body: bytes) -> tuple[int, float | None, bytes]:
        """Status, the seconds that the server asks one to wait, the answer. No redirect is followed."""
        parts, timeout = self._parts, self._settings.timeout
        connection = (
            http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=ssl.create_default_context())
            if parts.scheme == "https"
            else http.client.HTTPConnection(parts.netloc, timeout=timeout)
        )
        headers = {"Content-Type": "application/json", "User-Agent": f"modelward/{__version__}"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, headers)
            response = connection.getresponse()
            answer = response.read(MAX_ANSWER + 1)
            if len(answer) > MAX_ANSWER:
                raise InputError(f"an answer is over {MAX_ANSWER >> 20} MiB", where=self.name)
            later = response.headers.get("Retry-After", "")
            return response.status, float(later) if later.isdecimal() else None, answer
        finally:
            connection.close()


def is_endpoint(place: str) -> bool:
    """Whether a model is named by address."""
    return place.startswith(("http://", "https://"))


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or (parts.port or 1) < 1
    except ValueError:
        wrong = True
    if wrong:
        raise UsageError("this is no address", where=url[:200], help="for example https://HOST/v1")
    if parts.username or parts.password:
        raise UsageError(
            "no secrets in addresses", help="put the key into an environment variable: --key-env"
        )
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += ("" if path.endswith("/v1") else "/v1" if not path else "") + "/chat/completions"
    return parts._replace(path=path, fragment="")


def _said(answer: bytes, where: str) -> str:
    try:
        said = strict_json.loads(answer, what="its answer", max_bytes=MAX_ANSWER)
        text = said["choices"][0]["message"]["content"]
    except InputError as error:
        error.where = where
        raise
    except (KeyError, IndexError, TypeError):
        raise InputError("its answer is none of a chat", where=where) from None
    if text is None:  # a refusal by field, or a call of a tool
        text = said["choices"][0]["message"].get("refusal") or ""
    if not isinstance(text, str):
        raise InputError("its answer is no text", where=where)
    return text
