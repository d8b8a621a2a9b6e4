from __future__ import annotations

from pathlib import Path

from modelward.render import rules as render
from modelward.scan.rules import RULES

ROOT = Path(__file__).parents[2]


def test_published_page_is_what_the_rules_say() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == render.manual(RULES), "run `make docs`"


def test_page_of_a_rule() -> None:
    rule = RULES["polyglot"]
    assert render.page(rule).startswith("# polyglot\n\nOne file is several formats at once (warning)\n\n")


def test_listing_has_a_line_a_rule() -> None:
    lines = render.listing(RULES).splitlines()
    assert sorted(line.split()[0] for line in lines) == sorted(RULES)
    severities = [line.split()[1] for line in lines]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)


def test_page_has_an_index_with_a_link_a_rule() -> None:
    page = render.manual(RULES)
    for rule in RULES:
        assert f"| [{rule}](#{rule}) | " in page
        assert page.count(f"\n## {rule}\n") == 1
