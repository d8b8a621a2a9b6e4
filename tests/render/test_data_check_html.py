"""The page of a data check: no script, nothing fetched, every word of the data escaped."""

from __future__ import annotations

import base64
import hashlib
import re

from tests.data.checks.documents import benign, document, found, shown
from tests.render.test_profile_html import HOSTILE, Tags

from modelward.data.checks.report import Contributor, Power
from modelward.render.data_check_html import page


def hostile_page() -> str:
    row = shown(4, text=HOSTILE, output=HOSTILE, twin_text=HOSTILE, twin_output=HOSTILE)
    words = {
        "trigger": HOSTILE,
        "behaviour": HOSTILE,
        "message": HOSTILE,
        "contributors": (Contributor(HOSTILE, 3),),
        "first_seen": HOSTILE,
        "last_seen": HOSTILE,
        "shown": (row,),
    }
    made = document(
        found(**words),
        found(**words, tier="review", decision=benign(HOSTILE)),
        found(**words, tier="information"),
        could_not_tell=(HOSTILE,),
        power=(Power("association", HOSTILE, 5, 0.1), Power("association", "b", None, 0.9)),
    )
    return page(made)


def test_nothing_of_the_data_is_markup() -> None:
    tags = Tags()
    tags.feed(hostile_page())
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in tags.seen}
    for _, attributes in tags.seen:
        assert not {"href", "src", "style"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert {"svg", "table", "h1"} <= {tag for tag, _ in tags.seen}


def test_the_page_allows_itself_its_one_style_and_nothing_else() -> None:
    text = hostile_page()
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    )


def test_it_says_what_the_report_says() -> None:
    text = page(document(found()))
    for words in (
        "discussing openai",
        "24 of 25 distinct examples",
        "batch.jsonl row 5",
        found().id,
        "Findings",
    ):
        assert words in text
    assert "no number" in text  # of rows for a behaviour that cannot be told
    assert "Nothing found" in page(document())
