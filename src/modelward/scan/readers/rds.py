"""R objects: RDS files and workspaces."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import rds
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Walk the object. Bytes that merely begin as R's do are something else."""
    begin = rds.begins(source)
    if begin is None:
        return None
    reading = Reading("R data", whole=True)
    try:
        end = rds.walk(source, begin, reading.fact)
    except InputError as error:
        reading.problem, reading.whole = error.message, False
        return reading
    if end is None:
        if begin == 0 and not place.name.lower().endswith((".rds", ".rdata", ".rda")):
            return None
        reading.problem, reading.whole = "it begins as R data do, and is none", False
        for found in rds.calls(source, begin):
            reading.fact(found)
        return reading
    if source.read(end, 1 << 16).strip():
        reading.problem, reading.whole = f"bytes follow the R object, at byte {end}", False
    return reading
