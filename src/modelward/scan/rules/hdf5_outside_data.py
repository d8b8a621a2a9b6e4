"""An HDF5 file takes data from another file that is not there

HDF5 files may link to other files or keep a dataset's numbers in them. This one names a file that is not
part of what was examined: whatever lies at that place where the model is loaded becomes part of it
(CVE-2026-1669).

## What to do

Examine the whole folder with the file in it. If it is not the publisher's, do not load the model.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.hdf5.walk import OutsideData
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = OutsideData


def check(fact: OutsideData) -> Iterator[Hit]:
    """Any file that is not beside this one."""
    yield Hit(
        f"{fact.where} needs {fact.target!r}, which is not here: {fact.effect}",
        key=f"{fact.where} {fact.target}",
        expression=fact.target,
        fix="examine the whole folder",
    )
