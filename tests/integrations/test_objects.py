"""Against a real S3 server."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from tests.formats.assemble import SHELL, checkpoint, good_safetensors

from modelward.artifact.blobs_remote import RemoteBlobs
from modelward.core.errors import InputError
from modelward.core.finding import Verdict
from modelward.integrations.objects import find
from modelward.scan.engine import scan_remote

if TYPE_CHECKING:
    from tests.conftest import S3Server

_PREFIXES = itertools.count()


@pytest.fixture
def prefix(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://models/scan{next(_PREFIXES)}"


def put(prefix: str, key: str, data: bytes) -> None:
    RemoteBlobs(prefix, {}).write(key, [data], len(data))


def test_object_is_judged_without_its_tensors(prefix: str) -> None:
    archive = checkpoint(SHELL, storages={"0": bytes(12 << 20)})
    put(prefix, "model.pt", archive.bytes())
    result = scan_remote(find(f"{prefix}/model.pt"))
    assert result.verdict is Verdict.MALICIOUS
    assert [finding.path for finding in result.findings] == ["model.pt!archive/data.pkl"]
    assert result.fetched is not None
    assert result.fetched < 2 << 20
    assert result.declared is not None
    assert result.declared.startswith("etag:")


def test_all_objects_below_a_prefix(prefix: str) -> None:
    put(prefix, "m/a.safetensors", good_safetensors())
    put(prefix, "m/sub/config.json", b"{}")
    result = scan_remote(find(f"{prefix}/m/"))
    assert result.verdict is Verdict.CLEAN
    assert {entry.path for entry in result.coverage} == {"a.safetensors", "sub/config.json"}
    assert result.declared is None


def test_object_that_is_replaced_meanwhile_is_an_error(prefix: str) -> None:
    put(prefix, "m.bin", checkpoint(SHELL).bytes())
    artifact = find(f"{prefix}/m.bin")
    put(prefix, "m.bin", good_safetensors())
    with pytest.raises(InputError, match="changed while it was being read"):
        scan_remote(artifact)


def test_object_that_is_not_there(prefix: str) -> None:
    with pytest.raises(InputError, match="no such object"):
        find(f"{prefix}/missing")
    with pytest.raises(InputError, match="0 objects"):
        find(f"{prefix}/missing/")
