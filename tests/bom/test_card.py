"""What people declare is read strictly from our card, leniently from others', and stays declared."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelward.bom.card import KEYS, MAX_BYTES, from_card, from_readme
from modelward.bom.fields import table
from modelward.bom.model import Fact, Grade
from modelward.core.errors import InputError, LimitExceeded, ModelwardError


def test_every_key_fills_a_field_of_the_table() -> None:
    assert {field for keys in KEYS.values() for field in keys.values()} <= set(table())


def test_card_is_read() -> None:
    card = from_card(
        b'[model]\nlicence = "MIT"\ninputs = "text"\n[system]\nname = "desk"\n'
        b'[security]\ncontact = "sec@acme.example"\n[[datasets]]\nname = "spam"\nlicence = "CC0-1.0"\n'
    )
    assert Fact("MDL-12", {"licence": "MIT"}, Grade.DECLARED, "file:model-card.toml") in card.model
    assert [f.value for f in card.model if f.field == "MDL-10"] == [{"inputs": ["text"]}]
    assert {fact.field for fact in card.model} == {"MDL-12", "MDL-10", "SP-03"}
    assert [fact.field for fact in card.system] == ["SLP-01"]
    assert [fact.field for fact in card.datasets["spam"]] == ["DP-10"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[modell]", "unknown table 'modell'"),
        ('[model]\nlicense = "MIT"', "unknown key model.license"),
        ("[model]\nlicence = 3", "model.licence is a text"),
        ("[model]\nlicence = []", "model.licence is a text"),
        ('[model]\nlicence = ""', "model.licence is a text"),
        ("[model]\nlicence = [[1]]", "model.licence is a text"),
        ('model = "x"', "model is a table"),
        ('datasets = "spam"', "datasets are tables"),
        ('[[datasets]]\nlicence = "MIT"', "has a name"),
        ("[model", "not valid TOML"),
        ("\x00", "not valid TOML"),
    ],
)
def test_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        from_card(text.encode())
    assert refusal.value.where == "model-card.toml"


def test_bounds() -> None:
    with pytest.raises(LimitExceeded):
        from_card(b"#" * (MAX_BYTES + 1))
    with pytest.raises(LimitExceeded, match=r"model\.licence"):
        from_card(f'[model]\nlicence = "{"x" * 10_001}"'.encode())


def test_front_matter_is_declared() -> None:
    card = from_readme(b"---\nlicense: mit\nbase_model: [a, b]\ndatasets:\n- spam\n---\n# T\n\nGood.\n")
    found = {fact.field: fact for fact in card.model}
    assert found["MDL-12"].value == {"licence": "mit"}
    assert found["MDL-14"].value == {"base_model": ["a", "b"]}
    assert found["MDL-06"].value == {"description": "Good."}
    assert all(fact.grade is Grade.DECLARED for fact in card.model)
    assert card.datasets == {"spam": ()}


def test_readme_of_bytes_that_are_no_text() -> None:
    assert from_readme(b"\xff\xfe\x00").datasets == {}


@given(st.binary(max_size=300))
def test_any_bytes_give_a_card_or_our_error(data: bytes) -> None:
    from_readme(data)
    try:
        from_card(data)
    except ModelwardError:
        return


def test_page_lists_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bom.md").read_text(encoding="utf-8")
    for name, keys in KEYS.items():
        for key, field in keys.items():
            assert f"| `{name}.{key}` | {field} |" in page
