"""Servers to read from: a web server that behaves as each test asks; a real hub and OCI registry."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import _free_port as free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Web:
    """A web server of files, and how it (mis)behaves."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    ranges: bool = True
    lie: Any = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


class _Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: Web

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        web, path = self.web, self.path.partition("?")[0]
        web.asked.append((self.path, dict(self.headers)))
        if path in web.redirects:
            self.answer(302, b"", Location=web.redirects[path])
        elif path not in web.files:
            self.answer(404, b"")
        elif web.lie is not None:
            web.lie(self)
        elif self.headers.get("If-Match", web.etags.get(path)) != web.etags.get(path):
            self.answer(412, b"")
        else:
            self.part(web.files[path], {"ETag": web.etags[path]} if path in web.etags else {})

    def part(self, data: bytes, headers: dict[str, str]) -> None:
        asked = self.headers.get("Range")
        if not asked or not self.web.ranges:
            self.answer(200, data, **headers)
            return
        first, last = (int(end) for end in asked.removeprefix("bytes=").split("-"))
        if first >= len(data):
            self.answer(416, b"", **headers, **{"Content-Range": f"bytes */{len(data)}"})
            return
        body = data[first : last + 1]
        span = f"bytes {first}-{first + len(body) - 1}/{len(data)}"
        self.answer(206, body, **headers, **{"Content-Range": span})

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers, **self.web.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def serve() -> Iterator[Web]:
    """A web server while the generator lives."""
    web = Web()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Files", (_Files,), {"web": web}))
    server.daemon_threads = True
    web.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield web
    server.shutdown()
    thread.join()
    server.socket.close()


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server."""
    yield from serve()


@pytest.fixture
def other_web() -> Iterator[Web]:
    """Another one, which is another origin."""
    yield from serve()


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until something answers at `url`."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server at {url} did not start:\n{log.read_text(errors='replace')[-2000:]}")


@dataclass(frozen=True)
class Hub:
    """A running hub. Repositories are folders with a git history below `models`."""

    url: str
    models: Path

    def repository(self, name: str, files: dict[str, bytes]) -> str:
        """Make a repository with these files, and return its commit."""
        folder = self.models / name
        folder.mkdir(parents=True)
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        git = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org"]
        for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "files"]):
            subprocess.run([*git, *arguments], check=True, capture_output=True)
        return subprocess.run(
            [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
        ).stdout.strip()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """olah, which serves repositories as the Hugging Face hub does (but never parts of files)."""
    program = ROOT / ".venv-hub" / "bin" / "olah-cli"
    if not program.exists() or shutil.which("git") is None:
        pytest.skip("skipped: needs olah")
    home = tmp_path_factory.mktemp("hub")
    port = free_port()
    (home / "config.toml").write_text(
        f'[basic]\nhost = "127.0.0.1"\nport = {port}\nrepos-path = "{home}/cache"\n'
        f'mirrors-path = ["{home}/mirrors"]\n[accessibility]\noffline = true\n'
    )
    found = Hub(f"http://127.0.0.1:{port}", home / "mirrors" / "models")
    found.models.mkdir(parents=True)
    yield from running([str(program), "-c", "config.toml"], home, found.url, found)


@dataclass(frozen=True)
class Registry:
    """A running OCI registry."""

    host: str
    authorization: str = ""

    def send(self, method: str, url: str, data: bytes | None = None, **headers: str) -> Any:
        """A request; returns the headers of the answer."""
        if self.authorization:
            headers["Authorization"] = self.authorization
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
            return answer.headers

    def blob(self, name: str, data: bytes) -> dict[str, Any]:
        """Upload a blob, and return its descriptor."""
        import hashlib

        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        place = self.send("POST", f"http://{self.host}/v2/{name}/blobs/uploads/")["Location"]
        self.send("PUT", f"{place}&digest={digest}", data, **{"Content-Type": "application/octet-stream"})
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(data)}

    def push(self, name: str, tag: str, document: dict[str, Any]) -> str:
        """Upload a manifest, and return its digest."""
        import json

        url = f"http://{self.host}/v2/{name}/manifests/{tag}"
        kind = document["mediaType"]
        answer = self.send("PUT", url, json.dumps(document).encode(), **{"Content-Type": kind})
        return str(answer["Docker-Content-Digest"])


#: The user modelward with the password modelward-test, as htpasswd writes it.
_PASSWORD = "modelward:$2y$04$BX71U/QKlRUVqpEi/Q3CKuNYXPltQzl2IzXmg6/rz9yVqV.0t0MSy\n"


def _registry(home: Path, auth: str) -> Iterator[Any]:
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("skipped: needs docker-registry")
    host = f"127.0.0.1:{free_port()}"
    (home / "htpasswd").write_text(_PASSWORD)
    (home / "config.yml").write_text(
        f"version: 0.1\nhttp: {{addr: '{host}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: {home}/data}}}}\n{auth}"
    )
    yield from running([program, "serve", "config.yml"], home, f"http://{host}/v2/", host)


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Docker's registry, open to everybody."""
    for host in _registry(tmp_path_factory.mktemp("registry"), ""):
        yield Registry(host)


@pytest.fixture(scope="session")
def closed_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Docker's registry, which asks for a password."""
    import base64

    home = tmp_path_factory.mktemp("closed")
    auth = f"auth: {{htpasswd: {{realm: test, path: {home}/htpasswd}}}}\n"
    for host in _registry(home, auth):
        yield Registry(host, "Basic " + base64.b64encode(b"modelward:modelward-test").decode())


def running(command: list[str], home: Path, url: str, value: Any) -> Iterator[Any]:
    """`value` while the command runs."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=home, env=environment)
    try:
        wait(url, process, home / "log")
        yield value
    finally:
        process.kill()
        process.wait()
