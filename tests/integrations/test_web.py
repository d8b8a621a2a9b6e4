"""https (here: http of this machine) addresses."""

from __future__ import annotations

import pytest
from tests.formats.assemble import SHELL, checkpoint, good_safetensors, pickle
from tests.integrations.conftest import Web

from modelward.core.errors import InputError
from modelward.core.finding import Verdict
from modelward.integrations.web import find
from modelward.scan.engine import scan_remote


def test_large_checkpoint_is_judged_without_its_tensors(web: Web) -> None:
    size = 24 << 20
    archive = checkpoint(SHELL, storages={str(key): bytes(size) for key in range(2)})
    web.files["/model.pt"] = archive.bytes()
    web.etags["/model.pt"] = '"abc"'
    result = scan_remote(find(f"{web.url}/model.pt?signature=secret"))
    assert result.verdict is Verdict.MALICIOUS
    assert result.declared == 'etag:"abc"'
    assert result.digest is None
    assert result.fetched is not None
    assert result.fetched < 2 << 20
    assert result.coverage[0].path == "model.pt"


def test_file_that_changes_while_it_is_examined_is_an_error(web: Web) -> None:
    web.files["/m"] = pickle(SHELL) * 20_000
    web.etags["/m"] = '"one"'
    artifact = find(f"{web.url}/m")
    web.etags["/m"] = '"two"'
    with pytest.raises(InputError, match="changed while it was being read"):
        scan_remote(artifact)


def test_server_that_fails_halfway_makes_it_incomplete(web: Web) -> None:
    web.files["/m"] = good_safetensors()
    artifact = find(f"{web.url}/m")
    del web.files["/m"]
    result = scan_remote(artifact)
    assert result.verdict is Verdict.INCOMPLETE
    assert "404" in result.coverage[0].reason


def test_address_of_nothing(web: Web) -> None:
    with pytest.raises(InputError, match="404"):
        find(f"{web.url}/missing")
