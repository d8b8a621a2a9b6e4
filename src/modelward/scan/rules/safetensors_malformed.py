"""The header of a safetensors file contradicts its data

The header says where each tensor lies. Here tensors overlap, leave holes, reach past the end of the
file, have another size than their shape and type give, or the header is not strict JSON (a key twice,
for example). Loaders refuse such a file, or read memory and bytes that are not the tensor's; holes
carry hidden data.

## What to do

Fetch the file again, and compare its digest with the publisher's.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.safetensors import Problem
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = Problem


def check(fact: Problem) -> Iterator[Hit]:
    """Any problem of the header."""
    yield Hit(
        f"this safetensors file is malformed: {fact.message}",
        key=fact.message,
        offset=fact.offset,
        fix="fetch it again; it is cut short, damaged or made to mislead",
    )
