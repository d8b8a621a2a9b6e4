"""The page stands alone, runs nothing, and shows hostile names as text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.formats.assemble import SHELL, call, pickle, text

from modelward.render import html
from modelward.render.examined import together
from modelward.scan.engine import scan

EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """The tags, attributes and text of a page; every element that needs an end has one."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def report(path: Path) -> str:
    return html.report(together([(str(path), scan(path, digest=True))]), 1)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    folder = tmp_path / "<b>model"
    folder.mkdir()
    (folder / "<img src=x onerror=alert(1)>.bin").write_bytes(pickle(SHELL, call("m", "f", text(EVIL))))
    (folder / "\u202egnp.exe").write_bytes(b"\x00")
    (folder / "config.json").write_text('{"auto_map": {"AutoModel": "<script>\\u001b[31m"}}')
    return folder


def test_nothing_in_it_runs_or_is_fetched(hostile: Path) -> None:
    page = Page(report(hostile))
    assert {tag for tag, _ in page.tags}.isdisjoint(
        {"script", "img", "link", "iframe", "object", "b", "form"}
    )
    names = {name for _, attributes in page.tags for name in attributes}
    assert not any(name.startswith("on") or name in ("src", "style") for name in names)
    assert all(a.get("href", "#").startswith("#") for _, a in page.tags if a.get("href") is not None)


def test_policy_allows_its_one_style_sheet_only(hostile: Path) -> None:
    written = report(hostile)
    style = re.search("<style>(.*?)</style>", written, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    (policy,) = [
        attributes["content"]
        for tag, attributes in Page(written).tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_hostile_names_are_text(hostile: Path) -> None:
    written = report(hostile)
    assert EVIL not in written
    assert "\x1b" not in written
    assert "\u202e" not in written
    shown = Page(written).text
    assert "<img src=x onerror=alert(1)>.bin" in shown
    assert f"m.f('{EVIL}')" in shown
    assert "\\u202egnp.exe" in shown


def test_verdict_findings_ledger_and_rules_are_there(hostile: Path) -> None:
    shown = " ".join(Page(report(hostile)).text.split())
    assert "Verdict: malicious" in shown
    assert "Exit code 1." in shown
    assert "error: loading this file runs a shell command" in shown
    assert "REDUCE posix.system('id')" in shown
    assert "Rule pickle-unsafe-call, high confidence" in shown
    assert "no: unknown format, starts 00" in shown
    assert "pickle-unsafe-call: A pickle reaches something that no model file needs" in shown
    assert str(scan(hostile).ruleset) in shown


def test_long_ledger_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAX_ROWS", 2)
    for number in range(5):
        (tmp_path / f"{number}.json").write_text("{}")
    shown = Page(report(tmp_path)).text
    assert "… and 3 more" in shown


def test_clean_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text("{}")
    shown = " ".join(Page(report(path)).text.split())
    assert "Verdict: clean" in shown
    assert "1 file: 1 examined, 0 not." in shown
    assert f"sha256:{hashlib.sha256(b'{}').hexdigest()}" in shown
    assert "None." in shown
