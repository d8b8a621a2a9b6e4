from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from tests.formats.assemble import SHELL, Zip, good_safetensors, pickle, stack_fetch

from modelward.render import json as render
from modelward.render.examined import together
from modelward.scan.engine import scan

ROOT = Path(__file__).parents[2]


def test_published_schema_is_what_the_code_says() -> None:
    published = ROOT / "docs" / "schemas" / "scan-report.json"
    assert published.read_text(encoding="utf-8") == render.schema(), "run `make docs`"


@pytest.mark.parametrize(
    "files",
    [
        {"model.safetensors": good_safetensors()},
        {
            "a.bin": pickle(SHELL),
            "b": b"\x00",
            "c.zip": Zip().add("../x", pickle(stack_fetch("m\ud800", "f")), size=1).bytes(),
        },
    ],
)
def test_report_fits_the_schema(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    document = render.report(together([(str(tmp_path), scan(tmp_path)), (str(tmp_path), scan(tmp_path))]), 0)
    jsonschema.Draft202012Validator(json.loads(render.schema())).validate(json.loads(json.dumps(document)))


def test_report_names_the_bytes_and_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(pickle(SHELL))
    result = scan(path, digest=True)
    document = render.report(together([(str(path), result)]), 1)
    assert (document["verdict"], document["exit_code"]) == ("malicious", 1)
    assert document["ruleset"] == str(result.ruleset)
    (artifact,) = document["artifacts"]
    assert artifact["digest"] == str(result.digest)
    assert artifact["coverage"] == [{"path": "x.bin", "format": "pickle", "examined": True, "reason": ""}]
    assert artifact["findings"] == [
        {
            "rule": "pickle-unsafe-call",
            "severity": "error",
            "confidence": "high",
            "message": "loading this file runs a shell command",
            "path": "x.bin",
            "offset": 25,
            "step": "REDUCE",
            "expression": "posix.system('id')",
            "label": "called while the file loads",
            "help": "do not load it; ask the publisher for safetensors",
            "count": 1,
        }
    ]
