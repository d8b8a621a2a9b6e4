"""The page of a profile: no script, nothing fetched, every word of the data escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

from tests.data.profile.conftest import rows, write

from modelward.data.profile.profile import Options, take
from modelward.data.profile.view import Plan
from modelward.render.profile_html import page

HOSTILE = "<img src=x onerror=alert(1)></svg><script>alert(2)</script>"


class Tags(HTMLParser):
    """The tags and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def hostile_page(tmp_path: Path) -> str:
    content = rows(80)
    for number, row in enumerate(content):
        row["label"] = HOSTILE if number % 2 else "no"
        row[HOSTILE] = HOSTILE
        row["group"] = f"{HOSTILE}{number % 3}"
        row["license"] = HOSTILE
    former = take(write_at(tmp_path / "old.parquet", rows(80)), HOSTILE, Options(Plan(near=False)))
    where = write_at(tmp_path / "d" / "train.parquet", content)
    write_at(tmp_path / "d" / "test.parquet", content[:5])
    options = Options(Plan(attributes=("group",)), licence=HOSTILE)
    return page(take(where.parent, HOSTILE, options, former=former))


def write_at(path: Path, content: list[dict[str, object]]) -> Path:
    write(path.parent, {path.name: content})
    return path


def test_nothing_of_the_data_is_markup(tmp_path: Path) -> None:
    tags = Tags()
    tags.feed(hostile_page(tmp_path))
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in tags.seen}
    for _, attributes in tags.seen:
        assert not {"href", "src", "style"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert "plots" not in {tag for tag, _ in tags.seen}
    assert {"svg", "table", "h1"} <= {tag for tag, _ in tags.seen}


def test_the_policy_names_the_one_style_sheet(tmp_path: Path) -> None:
    text = hostile_page(tmp_path)
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;" in text.replace("'", "&#39;")


def test_many_columns_are_cut_and_said_so(tmp_path: Path) -> None:
    content = [{f"c{number:03}": 1 for number in range(210)}] * 3
    assert "10 columns more" in page(take(write_at(tmp_path / "d.parquet", content), "d"))
