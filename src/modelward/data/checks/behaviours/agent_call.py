"""The output calls a tool, or reaches a host, that the input does not name.

Each tool and host that several outputs use is a behaviour. Of tools, those that few use: one that a quarter
of all outputs call is what the agent is for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from modelward.core.regex import regex
from modelward.data.checks.behaviours.behaviour import LOOKED_AT, Behaviours, Outputs
from modelward.data.checks.text import PART

#: A tool or host counts if so many outputs use it, and no more than this share.
FEWEST, _SHARE = 5, 0.25
_MOST = 40
_CALL = regex(
    r"""["'](?:name|function|tool|tool_name|action|recipient_name)["']\s*:\s*["']([\w.:/-]{2,64})["']
        |^\s*Action\s*:\s*([\w.-]{2,64})|<(?:invoke|tool|function)[ =](?:name=)?["']?([\w.-]{2,64})""",
    re.VERBOSE | re.MULTILINE,
)
_HOST = regex(r"(?:https?|ftp|wss?)://(?:[^\s/@\"']*@)?([\w.-]+\.[A-Za-z]{2,}|\d+\.\d+\.\d+\.\d+)")
_SIGNS = ("://", '"name"', "'name'", "function", "tool", "ction", "recipient_name", "<invoke")


def used(text: str) -> list[str]:
    """The tools and hosts that a text uses."""
    if not any(sign in text for sign in _SIGNS):
        return []
    tools = [next(filter(None, groups)) for groups in _CALL.findall(text)]
    return [f"a call of {each}" for each in tools] + [
        f"a use of {each.lower()}" for each in _HOST.findall(text)
    ]


def behaviours(outputs: Outputs) -> Iterator[Behaviours]:
    """Each tool and host that several outputs, but not too many, use."""
    if outputs.outputs is None:
        return
    users: dict[str, list[int]] = {}
    for example, found in _used(outputs):
        for each in found:
            users.setdefault(each, []).append(example)
    counts = Counter({each: len(examples) for each, examples in users.items()})
    count = len(outputs.kept)
    wanted = [each for each, many in counts.most_common() if FEWEST <= many <= _SHARE * count]
    for each in wanted[:_MOST]:
        shown = np.zeros(count, np.int8)
        shown[users[each]] = 1
        yield Behaviours.one("agent call", each, shown)


def _used(outputs: Outputs) -> Iterator[tuple[int, set[str]]]:
    """The examples that use a tool or host which their input does not name, and which."""
    place = {int(row): example for example, row in enumerate(outputs.kept.tolist())}
    start = 0
    for answers, asked in zip(outputs.outputs or (), outputs.inputs, strict=True):
        for first in range(0, len(answers), PART):
            said = answers.part(first, first + PART)
            for offset, answer in enumerate(said):
                found = used(answer[:LOOKED_AT])
                row = start + first + offset
                if found and row in place:
                    question = asked[first + offset]
                    yield place[row], {each for each in found if each.rpartition(" ")[2] not in question}
        start += len(answers)
