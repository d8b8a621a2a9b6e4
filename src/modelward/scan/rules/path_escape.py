"""A file reaches for files outside the model

Some formats name other files: ONNX keeps weights beside the model, HDF5 links into other files, archives
say where a member is unpacked, Keras layers read vocabularies. This one names a place outside the model's own
folder, so that loading or unpacking it reads or overwrites files of the machine it is loaded on
(CVE-2022-25882, CVE-2024-27318, CVE-2025-51480, CVE-2026-1669, CVE-2025-12058).

## What to do

Do not load or unpack the file. No library writes such a path.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.facts import PathEscape
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = PathEscape


def check(fact: PathEscape) -> Iterator[Hit]:
    """Any path that leaves the artifact."""
    yield Hit(
        f"{fact.where} names {fact.target!r}, outside the model: {fact.effect}",
        key=f"{fact.where} {fact.target}",
        offset=fact.offset,
        expression=fact.target,
        fix="do not load or unpack it",
    )
