from __future__ import annotations

from tests.scan.rules.show import findings

from modelward.core.finding import Severity
from modelward.formats.graph_facts import FileAccess


def test_a_file_that_the_caller_names_is_unverified() -> None:
    (found,) = findings(FileAccess("ReadFile", "reads a file", "n", "", 9))
    assert (found.rule, found.severity, found.offset) == ("tensorflow-file-access", Severity.WARNING, 9)
    assert found.message == "node 'n' (ReadFile) reads a file, which its caller names"
