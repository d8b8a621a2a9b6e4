"""Pictures, sound, tables and the like: data. What stands behind them is examined.

Where no length says where they end, they are searched for programs, and for pickles that call something.
"""

from __future__ import annotations

import re

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats import executable
from modelward.formats.facts import EmbeddedCode
from modelward.formats.media import recognise
from modelward.formats.source import Slice, Source
from modelward.scan.examination import Examination, Place, Reading

#: How the headers of programs begin; that of Windows says where its second part is.
_PROGRAM = regex(
    rb"\x7fELF[\x01\x02][\x01\x02]\x01|MZ.{59}[\0-\x03]\0\0|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]",
    re.DOTALL,
)
_PROGRAM_BYTES = 64
#: What two chance bytes may make of others.
_VAGUE = ("a DOS program", "a Mach-O file", "an ELF file")


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Say what it is, and where it ends."""
    try:
        media = recognise(source)
    except InputError as error:
        # A text may well begin like one; and what else a loader could take it for, is read besides.
        return Reading("media", error.message, sure=False)
    if media is None:
        return None
    if media.end is None:
        reading = Reading(media.kind)
        _search(source, reading, place, examination)
        return reading
    return Reading(media.kind, whole=media.end == source.size, rest=[(media.end, source.size)])


def _search(source: Source, reading: Reading, place: Place, examination: Examination) -> None:
    from modelward.scan.readers import pickle

    for start in range(0, source.size, pickle.SEARCHED_BYTES - pickle.OVERLAP_BYTES):
        pickle.search(source, start, reading, place, examination)
    for at, chunk in source.windows(_PROGRAM_BYTES):
        for found in _PROGRAM.finditer(chunk):
            begin = at + found.start()
            program = executable.recognise(Slice(source, begin, source.size - begin))
            if program is not None and program.kind not in _VAGUE:
                reading.fact(EmbeddedCode(f"byte {begin}", f"{program.kind} amid the {reading.format} data"))
