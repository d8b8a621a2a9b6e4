"""Who says what in a row: chats, instructions and preferences in the layouts that trainers read.

Known are `messages` (role, content) and `conversations` (from, value), alone or as prompt, completion, chosen
and rejected; the same as plain text; Alpaca's instruction, input and output; and the transcripts of
`\\n\\nHuman:` and `\\n\\nAssistant:`. Roles are given as `system`, `user`, `assistant`, `tool` if known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from modelward.data.cells import Value

#: What data call a role, in lower case -> what we call it. Others stay as they are.
ROLES = {
    "human": "user",
    "user": "user",
    "prompter": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "bot": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "system": "system",
    "developer": "system",
    "tool": "tool",
    "function": "tool",
    "function_response": "tool",
    "observation": "tool",
    "ipython": "tool",
}
USER, ASSISTANT, SYSTEM = "user", "assistant", "system"

_TRANSCRIPT = re.compile(r"(?:\A|\n\n)(Human|Assistant|System):[ ]?")


class Turn(NamedTuple):
    """What one role says."""

    role: str
    text: str


@dataclass(frozen=True)
class Conversation:
    """One row: its `turns`, and in a preference what was `chosen` and `rejected` as their continuation."""

    turns: tuple[Turn, ...] = ()
    chosen: tuple[Turn, ...] = ()
    rejected: tuple[Turn, ...] = ()

    def said_by(self, role: str) -> list[str]:
        """What a role says in the turns and in what was chosen, in order."""
        return [turn.text for turn in (*self.turns, *self.chosen) if turn.role == role]


@dataclass(frozen=True)
class Layout:
    """Which columns hold the conversation, and how they are read. `kind`: `chat`, `pair` or `preference`."""

    name: str
    kind: str
    columns: tuple[str, ...]
    _read: Callable[[Mapping[str, Value]], Conversation]

    def conversation(self, row: Mapping[str, Value]) -> Conversation:
        """What a row says. A cell that is null, or not as the layout has it, says nothing."""
        return self._read(row)


def layout_of(columns: Collection[str]) -> Layout | None:
    """The layout that columns of these names have; None if it is not known."""
    for name, kind, needed, optional, read in _LAYOUTS:
        if all(column in columns for column in needed):
            found = (*needed, *(column for column in optional if column in columns))
            return Layout(name, kind, found, read)
    return None


def turns(value: Value, role: str = USER) -> tuple[Turn, ...]:
    """The turns in one cell: a list of messages, a transcript, or plain text, which `role` says."""
    if isinstance(value, str):
        return _transcript(value) or (Turn(role, value),)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        return ()
    return tuple(_message(message, role) for message in value if isinstance(message, dict | str))


def _message(message: Mapping[str, Value] | str, role: str) -> Turn:
    if isinstance(message, str):
        return Turn(role, message)
    said_by = message.get("role", message.get("from"))
    content = message.get("content", message.get("value"))
    text = _text(content)
    calls = message.get("tool_calls")
    if calls:
        text += ("\n" if text else "") + json.dumps(calls, ensure_ascii=False, default=str)
    known = said_by.lower() if isinstance(said_by, str) else role
    return Turn(ROLES.get(known, known), text)


def _text(content: Value) -> str:
    """The text of a message's content, which may be in parts: pictures say nothing."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(_text, content)))
    if isinstance(content, dict):
        return _text(content.get("text"))
    return ""


def _transcript(text: str) -> tuple[Turn, ...]:
    """The turns of `\\n\\nHuman: … \\n\\nAssistant: …`; none if it is not such a text."""
    if not _TRANSCRIPT.match(text):
        return ()
    parts = _TRANSCRIPT.split(text)[1:]
    return tuple(
        Turn(ROLES.get(role.lower(), role.lower()), said.strip())
        for role, said in zip(parts[::2], parts[1::2], strict=True)
    )


def _chat(column: str) -> Callable[[Mapping[str, Value]], Conversation]:
    def read(row: Mapping[str, Value]) -> Conversation:
        system = turns(row.get("system"), SYSTEM) if row.get("system") else ()
        return Conversation((*system, *turns(row.get(column))))

    return read


def _pair(asked: tuple[str, ...], answered: str) -> Callable[[Mapping[str, Value]], Conversation]:
    def read(row: Mapping[str, Value]) -> Conversation:
        system = turns(row.get("system"), SYSTEM) if row.get("system") else ()
        said = [turns(row[column]) for column in asked if row.get(column)]
        if len(said) > 1 and all(isinstance(row[column], str) for column in asked):
            said = [(Turn(USER, "\n\n".join(turn.text for part in said for turn in part)),)]
        answer = turns(row.get(answered), ASSISTANT)
        return Conversation((*system, *(turn for part in said for turn in part), *answer))

    return read


def _preference(asked: str | None) -> Callable[[Mapping[str, Value]], Conversation]:
    def read(row: Mapping[str, Value]) -> Conversation:
        chosen = turns(row.get("chosen"), ASSISTANT)
        rejected = turns(row.get("rejected"), ASSISTANT)
        prompt = turns(row.get(asked)) if asked else ()
        shared = 0
        for one, other in zip(chosen, rejected, strict=False):
            if one != other:
                break
            shared += 1
        shared = min(shared, max(len(chosen) - 1, 0), max(len(rejected) - 1, 0))
        begun = chosen[:shared]
        before = begun if begun[: len(prompt)] == prompt else (*prompt, *begun)
        return Conversation(before, chosen[shared:], rejected[shared:])

    return read


_Row = tuple[str, str, tuple[str, ...], tuple[str, ...], Callable[[Mapping[str, Value]], Conversation]]
#: Name, kind, columns it needs, columns it may have, how a row is read; the first that fits is taken.
_LAYOUTS: tuple[_Row, ...] = (
    ("preference", "preference", ("prompt", "chosen", "rejected"), (), _preference("prompt")),
    ("preference", "preference", ("question", "chosen", "rejected"), (), _preference("question")),
    ("preference", "preference", ("chosen", "rejected"), (), _preference(None)),
    ("messages", "chat", ("messages",), ("system", "tools"), _chat("messages")),
    ("conversations", "chat", ("conversations",), ("system", "tools"), _chat("conversations")),
    (
        "prompt-completion",
        "pair",
        ("prompt", "completion"),
        ("system", "label"),
        _pair(("prompt",), "completion"),
    ),
    ("prompt-completion", "pair", ("prompt", "response"), ("system",), _pair(("prompt",), "response")),
    (
        "instruction",
        "pair",
        ("instruction", "output"),
        ("input", "system"),
        _pair(("instruction", "input"), "output"),
    ),
    (
        "instruction",
        "pair",
        ("instruction", "response"),
        ("context", "system"),
        _pair(("instruction", "context"), "response"),
    ),
    ("question-answer", "pair", ("question", "answer"), ("system",), _pair(("question",), "answer")),
    ("prompt", "chat", ("prompt",), ("system",), _chat("prompt")),
)
