"""What pickles begin with, and where in some bytes one may begin that no loader gets to by itself."""

from __future__ import annotations

import re

#: What a pickle of protocol 2 and later begins with.
STARTS = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))

#: A protocol number before an instruction that pickles begin with; the names of a global, as protocols 0 to 3
#: write them; or two short texts and what fetches the global of these names.
_BEGINNING = re.compile(
    rb"\x80[\x00-\x05][\x95}\])(\x8cXcKJMNGC\x8e\x8f\x96\x80\x82-\x89]"
    rb"|[ci][A-Za-z_][\w.]{0,99}\r?\n[A-Za-z_][\w.]{0,99}\r?\n"
    rb"|\x8c[\x01-\x7f][A-Za-z_][\w.]{0,126}[\x94q]?.?\x8c[\x01-\x7f][A-Za-z_][\w.]{0,126}[\x94q]?.?\x93",
    re.DOTALL,
)


def find_beginning(data: bytes, at: int = 0) -> int:
    """The first offset from `at` on where a pickle may begin, or -1.

    Cheap and generous: what begins there must be run to tell. A pickle of protocol 0 or 1 is found at the
    first global that it fetches.
    """
    match = _BEGINNING.search(data, at)
    return match.start() if match else -1
