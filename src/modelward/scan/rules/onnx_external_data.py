"""An ONNX tensor describes its external data with a key that sets something else

A tensor whose data lie in another file says so in pairs of a key and a value: `location`, `offset`, `length`,
`checksum`. Before onnx 1.21 every key, whatever its name, became an attribute of the object that reads the
file (CVE-2026-34445), so that a key like `__class__` changes how the model is read. No writer writes others.

## What to do

Do not load the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.graph_facts import ExternalKey
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = ExternalKey


def check(fact: ExternalKey) -> Iterator[Hit]:
    """Any key that the format does not have."""
    yield Hit(
        f"tensor {fact.tensor[:80]!r} sets {fact.key[:80]!r} where its file is described",
        key=fact.key,
        offset=fact.offset,
        expression=fact.key,
        fix="do not load it",
    )
