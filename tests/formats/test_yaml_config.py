from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelward.core.errors import InputError
from modelward.formats.config import CodeReference
from modelward.formats.facts import EmbeddedCode
from modelward.formats.yaml_config import read


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['id']",
        "a: !!python/object/new:subprocess.Popen [['id']]",
        "a: !!python/object:builtins.exec {}",
        "a: !!python/name:os.system",
        "!!python/object/apply:builtins.eval\n- 1",
        "a: !<tag:yaml.org,2002:python/object/apply:os.system> [id]",
        "%TAG ! tag:yaml.org,2002:python/\n---\na: !object/apply:os.system [id]",
        "a: !new:subprocess.Popen\n  args: [id]",
        "f: !!js/function 'function(){}'",
        "f: !ruby/object:Gem::Requirement {}",
    ],
)
def test_tags_that_call(text: str) -> None:
    assert [type(fact) for fact in read(text).facts] == [EmbeddedCode]


def test_unknown_tags_are_named() -> None:
    assert [type(fact) for fact in read("a: !!python/object/apply:evil.f []").facts] == [CodeReference]


@pytest.mark.parametrize(
    "text",
    ["a: !!python/tuple [1, 2]", "a: !!python/object/apply:collections.OrderedDict []", "a: !ref <b>",
     "a: !new:torch.nn.Linear {}", "a: '!!python/object/apply:os.system'"],
)  # fmt: skip
def test_near_miss_tags_of_data(text: str) -> None:
    assert read(text).facts == []


def test_data_are_built() -> None:
    document = read("a: [1, two]\nb: true\nc: &x {d: e}\nf: *x\n---\ng\n")
    assert document.values == [{"a": ["1", "two"], "b": True, "c": {"d": "e"}, "f": {"d": "e"}}, "g"]


def test_billion_laughs_are_not_laughed() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 64)]
    assert len(read("\n".join(lines)).values[0]) == 64


def test_what_comes_before_damage_counts() -> None:
    document = read("a: !!python/object/apply:os.system [id]\nb: [")
    assert document.facts
    assert document.trouble.startswith("it is not YAML")


def test_depth_is_a_bound() -> None:
    with pytest.raises(InputError):
        read("[" * 5000)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:- \n[]{}&*!<>|'\"%?,#/", max_size=60))
def test_any_text_is_read(text: str) -> None:
    with contextlib.suppress(InputError):
        read(text)
