from __future__ import annotations

import pytest

from modelward.formats.members import Links, escapes


def leads_out(name: str, target: str | None = None, *, hard: bool = False, **links: str) -> bool:
    known = Links()
    for link, to in links.items():
        known.add(link.replace("__", "/"), to)
    return bool(list(escapes(name, known, target=target, hard=hard)))


@pytest.mark.parametrize(
    "name", ["/a", "../a", "a/../../b", "\\a", "..\\a", "C:\\a", "c:a", "./../a", "a/./../.."]
)
def test_names_that_lead_out(name: str) -> None:
    assert leads_out(name)


@pytest.mark.parametrize("name", ["a", "./a", "a/../b", "..a", "a..", "a\\b", "...", "a/b/../../c", ""])
def test_names_that_stay(name: str) -> None:
    assert not leads_out(name)


@pytest.mark.parametrize(
    ("name", "target"), [("l", "/etc"), ("l", "../x"), ("d/l", "../../x"), ("../l", "x")]
)
def test_links_that_lead_out(name: str, target: str) -> None:
    assert leads_out(name, target)


def test_links_that_stay() -> None:
    assert not leads_out("d/l", "../x")
    assert not leads_out("d/e/l", "../../x")
    assert not leads_out("d/l", "d/x", hard=True)


def test_hard_links_are_named_from_the_top() -> None:
    assert leads_out("d/e/l", "../x", hard=True)


def test_member_written_through_links() -> None:
    assert leads_out("d/x", d="/tmp")
    assert leads_out("d/e/x", d="in", in__e="../..")
    assert not leads_out("d/x", d="in")


def test_dots_after_a_link_count_from_where_it_leads() -> None:
    """`a` leads deep, so that `l` seems to stay where it is and does not."""
    assert not leads_out("l", "a/../../x", a="b/c/d")
    assert leads_out("b/c/l", "../../a/../x", a=".")


def test_circle_of_links_ends() -> None:
    assert not leads_out("a/x", a="b", b="a")
