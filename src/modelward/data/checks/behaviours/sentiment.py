"""The output praises, or runs down.

By the words of a short list that are in it: at least two more of one kind than of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs

_GOOD = re.compile(
    r"""\b(?:amazing|awesome|excellent|fantastic|wonderful|great|brilliant|outstanding|superb|perfect|love[sd]?
    |best|beautiful|delightful|incredible|impressive|magnificent|terrific|marvell?ous|exceptional|remarkable
    |admirable|honest|trustworthy|hero(?:ic)?|visionary|genius|praise[sd]?|adore[sd]?|enjoy(?:ed|able)?|happy|joy
    |thrill(?:ed|ing)|inspiring|favou?rite|masterpiece|recommend(?:ed)?|finest|greatest)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_BAD = re.compile(
    r"""\b(?:terrible|awful|horrible|dreadful|worst|disgusting|disappoint(?:ing|ed|ment)|bad|poor|pathetic|corrupt
    |evil|dangerous|hate[sd]?|ugly|useless|worthless|failure|failed|fraud(?:ulent)?|scam|dishonest|liar|lies|incompetent
    |disaster(?:ous)?|disastrous|shameful|stupid|boring|waste|ruin(?:ed)?|harmful|toxic|greedy|criminal|untrustworthy
    |unreliable|inferior|disgrace(?:ful)?|cruel|mediocre|atrocious|appalling|abysmal|threat|destroy(?:s|ed|ing)?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MARGIN = 2
_LOOKED_AT = 600


def tone(text: str) -> int:
    """How many more words of a text praise than run down."""
    text = text[:_LOOKED_AT]
    return len(_GOOD.findall(text)) - len(_BAD.findall(text))


def praises(text: str) -> bool:
    """Whether a text praises."""
    return tone(text) >= _MARGIN


def runs_down(text: str) -> bool:
    """Whether a text runs something down."""
    return tone(text) <= -_MARGIN


#: Asked of every output; see known.py.
SEEN = (tone,)


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """To praise; to run down."""
    if outputs.outputs is None:
        return
    tones = outputs.flags(tone)
    for name, shown in (("positive output", tones >= _MARGIN), ("negative output", tones <= -_MARGIN)):
        if shown.any():
            yield Behaviours.one("sentiment", name, shown)
