"""The package is also the public function (docs/adr/0005)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.formats.assemble import SHELL, pickle

import modelward
import modelward.scan

ORDERS = [
    "import modelward",
    "import modelward.scan",
    "import modelward; from modelward.scan.engine import scan",
    "from modelward.scan.engine import scan; import modelward",
    "from modelward import load; import modelward",
    "import modelward; from modelward import scan; assert scan is modelward.scan",
]


def test_public_names_are_the_engine_s() -> None:
    from modelward.scan import engine, scan

    assert scan is engine.scan
    with pytest.raises(AttributeError):
        modelward.scan.missing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("order", ORDERS)
def test_it_can_be_called_whatever_was_imported_before(order: str, tmp_path: Path) -> None:
    path = tmp_path / "evil.bin"
    path.write_bytes(pickle(SHELL))
    program = f"{order}\nresult = modelward.scan({str(path)!r})\nprint(result.verdict.value)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("malicious\n", "")


def test_result_has_what_the_documentation_says(tmp_path: Path) -> None:
    path = tmp_path / "evil.bin"
    path.write_bytes(pickle(SHELL))
    report: modelward.Report = modelward.scan(path, digest=True)
    assert isinstance(report, modelward.Report)
    assert report.verdict is modelward.Verdict.MALICIOUS
    assert [finding.rule for finding in report.findings] == ["pickle-unsafe-call"]
    assert [entry.path for entry in report.coverage] == ["evil.bin"]
    assert str(report.digest).startswith("sha256:")
    with pytest.raises(modelward.ModelwardError):
        modelward.scan(tmp_path / "missing")
