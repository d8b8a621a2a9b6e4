"""Small parts of the document."""

from __future__ import annotations

import pytest
import rfc3987
from hypothesis import given
from hypothesis import strategies as st

from modelward.bom import cyclonedx_parts as parts
from modelward.bom.model import Component, Fact, Grade, Kind


def references(*urls: str) -> list[str]:
    model = Component(
        "model", Kind.MODEL, "m", facts=(Fact("MDL-13", {"references": list(urls)}, Grade.DECLARED, "x"),)
    )
    return [reference["url"] for reference in parts.external_references(model)]


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "https://a.example:8080/p?q=%20#f",
        "doi:10.1000/182",
        "hf://org/name",
        "urn:isbn:1",
    ],
)
def test_addresses(url: str) -> None:
    assert references(url) == [url]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "a b", "https://a b", "http://[x", "x", "", "http:// "]
)
def test_what_must_not_become_a_link(url: str) -> None:
    assert references(url) == []


@given(st.text(st.sampled_from("htps:/.?#[]@%20aA &é\n"), max_size=20).map(lambda text: "http:" + text))
def test_every_address_is_one_for_the_official_validator(url: str) -> None:
    for written in references(url):
        rfc3987.parse(written, rule="IRI_reference")


def test_contact_by_mail() -> None:
    model = Component(
        "model", Kind.MODEL, "m", facts=(Fact("SP-03", {"contact": "sec@acme.example"}, Grade.DECLARED, "x"),)
    )
    (reference,) = parts.external_references(model)
    assert reference == {"type": "security-contact", "url": "mailto:sec%40acme.example"}


def test_same_licence_twice_is_written_once() -> None:
    assert parts.licences(["mit", "MIT", "our own"]) == [
        {"license": {"id": "MIT"}},
        {"license": {"name": "our own"}},
    ]


def test_interpreter_is_no_python_package() -> None:
    assert parts.purl(Component("package:cpython@3", Kind.PACKAGE, "cpython", "3")) == ""
    named = Component("package:Foo_Bar@1+cu", Kind.PACKAGE, "Foo_Bar", "1+cu")
    assert parts.purl(named) == "pkg:pypi/foo-bar@1%2Bcu"


def test_nothing_empty_is_written() -> None:
    assert parts.without_empty({"a": "", "b": [], "c": None, "d": {}, "e": 0, "f": False}) == {
        "e": 0,
        "f": False,
    }
