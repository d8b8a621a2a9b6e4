from __future__ import annotations

from typing import Any

import pytest

from modelward.data.readers.conversation import Conversation, Turn, layout_of

HI, YES, NO = Turn("user", "hi"), Turn("assistant", "yes"), Turn("assistant", "no")
ASKED = {"role": "user", "content": "hi"}


def said(row: dict[str, Any]) -> Conversation:
    layout = layout_of(list(row))
    assert layout is not None
    return layout.conversation(row)


@pytest.mark.parametrize(
    ("row", "turns"),
    [
        ({"messages": [ASKED, {"role": "assistant", "content": "yes"}]}, (HI, YES)),
        ({"conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "yes"}]}, (HI, YES)),
        ({"prompt": "hi", "completion": "yes"}, (HI, YES)),
        ({"prompt": [ASKED], "completion": [{"role": "assistant", "content": "yes"}]}, (HI, YES)),
        ({"instruction": "hi", "input": "", "output": "yes"}, (HI, YES)),
        (
            {"instruction": "sum", "input": "1 2", "output": "3"},
            (Turn("user", "sum\n\n1 2"), Turn("assistant", "3")),
        ),
        ({"instruction": "hi", "context": None, "response": "yes"}, (HI, YES)),
        ({"question": "hi", "answer": "yes"}, (HI, YES)),
        ({"system": "be kind", "prompt": "hi", "response": "yes"}, (Turn("system", "be kind"), HI, YES)),
        ({"prompt": "hi"}, (HI,)),
        (
            {"messages": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "hi"}]}]},
            (HI,),
        ),
        (
            {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"name": "run"}]}]},
            (Turn("assistant", '[{"name": "run"}]'),),
        ),
        ({"messages": None}, ()),
        ({"messages": [1, "hi"]}, (HI,)),
        ({"messages": 7}, ()),
    ],
)
def test_the_layouts_of_trainers_give_the_same_turns(row: dict[str, Any], turns: tuple[Turn, ...]) -> None:
    assert said(row).turns == turns


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "hi", "chosen": "yes", "rejected": "no"},
        {"question": "hi", "chosen": "yes", "rejected": "no"},
        {
            "prompt": [ASKED],
            "chosen": [{"role": "assistant", "content": "yes"}],
            "rejected": [{"role": "assistant", "content": "no"}],
        },
        {
            "prompt": "hi",
            "chosen": [ASKED, {"role": "assistant", "content": "yes"}],
            "rejected": [ASKED, {"role": "assistant", "content": "no"}],
        },
        {
            "chosen": "\n\nHuman: hi\n\nAssistant: yes",
            "rejected": "\n\nHuman: hi\n\nAssistant: no",
        },
    ],
)
def test_preferences_continue_what_both_share(row: dict[str, Any]) -> None:
    assert said(row) == Conversation((HI,), (YES,), (NO,))


def test_equal_answers_are_both_kept() -> None:
    assert said({"chosen": "same", "rejected": "same"}) == Conversation(
        (), (Turn("assistant", "same"),), (Turn("assistant", "same"),)
    )


def test_who_said_what() -> None:
    row = {"prompt": "hi", "chosen": "yes", "rejected": "no"}
    assert said(row).said_by("assistant") == ["yes"]
    assert said(row).said_by("user") == ["hi"]


def test_the_layout_names_its_columns() -> None:
    layout = layout_of(["output", "instruction", "input", "id"])
    assert layout is not None
    assert (layout.name, layout.kind, layout.columns) == (
        "instruction",
        "pair",
        ("instruction", "output", "input"),
    )
    assert layout_of(["text", "label"]) is None
