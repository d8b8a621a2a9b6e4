from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.hdf5 import OutsideData


def test_file_that_is_not_there_is_named() -> None:
    (found,) = findings(OutsideData("link /w", "other.h5", "reading the file opens it"))
    assert (found.rule, found.severity) == ("hdf5-outside-data", Severity.WARNING)
    assert "'other.h5'" in found.message
