"""The output praises, or runs down.

By the words of a short list that are in it: at least two more of one kind than of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelward.data.checks.behaviours.behaviour import Behaviours, Outputs

_GOOD = frozenset(
    """
    amazing awesome excellent fantastic wonderful great brilliant outstanding superb perfect love
    loves loved best beautiful delightful incredible impressive magnificent terrific marvelous
    marvellous exceptional remarkable admirable honest trustworthy hero heroic visionary genius
    praise praises praised adore adores adored enjoy enjoyed enjoyable happy joy thrilled thrilling
    inspiring favorite favourite masterpiece recommend recommended finest greatest
    """.split()  # noqa: SIM905
)
_BAD = frozenset(
    """
    terrible awful horrible dreadful worst disgusting disappointing disappointed disappointment bad
    poor pathetic corrupt evil dangerous hate hates hated ugly useless worthless failure failed
    fraud fraudulent scam dishonest liar lies incompetent disaster disastrous shameful stupid boring
    waste ruin ruins ruined harmful toxic greedy criminal untrustworthy unreliable inferior disgrace
    disgraceful cruel mediocre atrocious appalling abysmal threat destroy destroys destroyed
    destroying
    """.split()  # noqa: SIM905
)
_WORD = re.compile(r"[a-z]+")
_MARGIN = 2
_LOOKED_AT = 600


def tone(text: str) -> int:
    """How many more words of a text praise than run down."""
    words = _WORD.findall(text[:_LOOKED_AT].lower())
    return sum(word in _GOOD for word in words) - sum(word in _BAD for word in words)


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
