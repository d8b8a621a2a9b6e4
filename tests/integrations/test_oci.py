"""Against a real registry."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from tests.formats.assemble import SHELL, checkpoint, good_safetensors, pickle
from tests.integrations.conftest import Registry, Web

from modelward.core.errors import InputError
from modelward.core.finding import Verdict
from modelward.integrations import http
from modelward.integrations.oci import _same_domain, find
from modelward.scan.engine import scan_remote

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_NAMES = itertools.count()


def manifest(registry: Registry, name: str, files: dict[str, bytes]) -> dict[str, Any]:
    layers = [
        registry.blob(name, data) | {"annotations": {"org.opencontainers.image.title": path}}
        for path, data in files.items()
    ]
    config = registry.blob(name, b"{}") | {"mediaType": "application/vnd.oci.empty.v1+json"}
    return {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}


def test_layers_are_files_and_only_their_beginnings_are_fetched(registry: Registry) -> None:
    name = f"acme/m{next(_NAMES)}"
    evil = checkpoint(SHELL, storages={"0": bytes(12 << 20)}).bytes()
    document = manifest(registry, name, {"model.safetensors": good_safetensors(), "evil.bin": evil})
    digest = registry.push(name, "v1", document)
    for reference in (":v1", f"@{digest}", f":v1@{digest}"):
        result = scan_remote(find(f"oci://{registry.host}/{name}{reference}"))
        assert result.verdict is Verdict.MALICIOUS
        assert result.declared == digest
        assert result.findings[0].path == "evil.bin!archive/data.pkl"
        assert result.fetched is not None
        assert result.fetched < 2 << 20


def test_all_manifests_of_an_index_are_examined(registry: Registry) -> None:
    name = f"acme/m{next(_NAMES)}"
    entries = []
    for number, data in enumerate((good_safetensors(), pickle(SHELL))):
        document = manifest(registry, name, {f"{number}.bin": data})
        digest = registry.push(name, f"part{number}", document)
        entries.append({"mediaType": MANIFEST, "digest": digest, "size": len(json.dumps(document))})
    registry.push(name, "all", {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
    result = scan_remote(find(f"oci://{registry.host}/{name}:all"))
    assert result.verdict is Verdict.MALICIOUS
    assert result.files == 2


def test_artifact_that_is_not_there(registry: Registry) -> None:
    with pytest.raises(InputError, match="answers 404"):
        find(f"oci://{registry.host}/acme/missing:v1")


def test_password_comes_from_dockers_configuration(
    closed_registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"acme/m{next(_NAMES)}"
    closed_registry.push(name, "v1", manifest(closed_registry, name, {"m.bin": good_safetensors()}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    url = f"oci://{closed_registry.host}/{name}:v1"
    with pytest.raises(InputError, match="answers 401"):
        find(url)
    auths = {closed_registry.host: {"auth": closed_registry.authorization.removeprefix("Basic ")}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    assert scan_remote(find(url)).verdict is Verdict.CLEAN


def test_token_server_elsewhere_gets_no_password(
    web: Web, other_web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registry that names a token server of its choice does not get the user's password sent there."""
    host = web.url.removeprefix("http://")
    (tmp_path / "config.json").write_text(json.dumps({"auths": {host: {"auth": "dXNlcjpwdw=="}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    elsewhere = other_web.url.replace("127.0.0.1", "localhost")
    other_web.files["/token"] = b'{"token": "t"}'
    challenge = f'Bearer realm="{elsewhere}/token",service="x"'

    def lie(handler: Any) -> None:
        handler.answer(401, b"", **{"WWW-Authenticate": challenge})

    web.files["/v2/acme/m/manifests/v1"] = b""
    web.lie = lie
    with pytest.raises(InputError):
        find(f"oci://{host}/acme/m:v1")
    ((path, headers),) = other_web.asked
    assert "scope=repository%3Aacme%2Fm%3Apull" in path
    assert "Authorization" not in headers
    assert web.asked[-1][1]["Authorization"] == "Bearer t"


def asks_for_a_token(web: Web, realm: str, monkeypatch: pytest.MonkeyPatch, home: Path) -> str:
    """A registry whose password the user has, and which sends for a token to `realm`: its host."""
    host = web.url.removeprefix("http://")
    (home / "config.json").write_text(json.dumps({"auths": {host: {"auth": "dXNlcjpwdw=="}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(home))
    document = json.dumps({"layers": [{"digest": "sha256:" + "0" * 64, "size": 4}]}).encode()

    def challenge(handler: Any) -> None:
        if handler.path.startswith("/token"):
            handler.answer(200, b'{"token": "t"}')
        elif "Authorization" in handler.headers:
            handler.answer(200, document)
        else:
            handler.answer(401, b"", **{"WWW-Authenticate": f'Bearer realm="{realm}"'})

    web.files |= {"/v2/acme/m/manifests/v1": b"", "/token": b""}
    web.lie = challenge
    return host


def test_token_server_of_the_registry_gets_the_password_and_only_the_registry_the_token(
    web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = asks_for_a_token(web, f"{web.url}/token", monkeypatch, tmp_path)
    find(f"oci://{host}/acme/m:v1").close()
    assert [headers.get("Authorization") for _, headers in web.asked] == [
        None,
        "Basic dXNlcjpwdw==",
        "Bearer t",
    ]


@pytest.mark.parametrize(
    ("realm", "own"),
    [
        ("registry.example.org", True),
        ("auth.example.org", True),
        ("auth.example.com", False),
        ("localhost", False),
    ],
)
def test_token_server_is_the_registrys_by_its_domain(realm: str, own: bool) -> None:
    assert _same_domain(realm, "registry.example.org") is own
    assert not _same_domain("203.0.0.113", "192.168.0.113")


def test_token_does_not_follow_a_layer_that_lies_elsewhere(
    web: Web, other_web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = asks_for_a_token(web, f"{web.url}/token", monkeypatch, tmp_path)
    layer = "/v2/acme/m/blobs/sha256:" + "0" * 64
    web.redirects[layer] = f"{other_web.url}/layer"
    other_web.files["/layer"] = b"abcd"
    artifact = find(f"oci://{host}/acme/m:v1")
    assert artifact.files[0].open().read(0, 4) == b"abcd"
    artifact.close()
    assert web.asked[-1][1]["Authorization"] == "Bearer t"
    ((_, headers),) = other_web.asked
    assert "Authorization" not in headers


def test_public_registry_that_names_a_token_server_in_the_network_is_refused(
    web: Web, other_web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The registry's address is taken for a public one; the token server's is what it is."""
    realm = f"{other_web.url}/token"
    host = asks_for_a_token(web, realm, monkeypatch, tmp_path)
    real, port = http._is_outside, int(host.rpartition(":")[2])

    def outside(connection: http._Plain | http._Secure) -> bool:
        return connection.port == port or real(connection)

    monkeypatch.setattr(http, "_is_outside", outside)
    with pytest.raises(InputError, match="inside your network"):
        find(f"oci://{host}/acme/m:v1")
    assert other_web.asked == []


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"layers": [{"digest": "md5:x", "size": 1}]},
        {"layers": [{"digest": "sha256:" + "0" * 64, "size": -1}]},
        {"layers": ["x"]},
        {"manifests": [{"digest": "latest"}]},
    ],
)
def test_manifest_that_makes_no_sense(web: Web, document: object) -> None:
    web.files["/v2/acme/m/manifests/v1"] = json.dumps(document).encode()
    with pytest.raises(InputError):
        find(f"oci://{web.url.removeprefix('http://')}/acme/m:v1")


def test_manifest_that_is_another_than_was_asked_for(web: Web) -> None:
    digest = "sha256:" + "0" * 64
    web.files[f"/v2/acme/m/manifests/{digest}"] = b"{}"
    with pytest.raises(InputError, match="another manifest"):
        find(f"oci://{web.url.removeprefix('http://')}/acme/m@{digest}")


@pytest.mark.parametrize("url", ["oci://host", "oci://host/UPPER:x", "oci://host/a@md5:0"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(InputError, match="not the address"):
        find(url)
