from __future__ import annotations

from modelward.core.finding import Rule, Severity
from modelward.scan.hits import MAX_PER_RULE, Hit, Hits

RULE = Rule("rule", "Title", Severity.ERROR, "help")


def test_hits_of_one_key_are_one_finding_with_a_count() -> None:
    hits = Hits()
    for offset in (9, 4, 7):
        hits.add(RULE, Hit("m", key="k", offset=offset))
    (finding,) = hits.findings("p")
    assert (finding.rule, finding.severity, finding.path, finding.offset, finding.count) == (
        "rule",
        Severity.ERROR,
        "p",
        9,
        3,
    )


def test_hit_of_the_highest_rank_is_shown() -> None:
    hits = Hits()
    hits.add(RULE, Hit("fetched", key="k"))
    hits.add(RULE, Hit("called", key="k", rank=1))
    hits.add(RULE, Hit("fetched again", key="k"))
    assert [finding.message for finding in hits.findings("p")] == ["called"]


def test_hit_supersedes_another_key_whichever_comes_first() -> None:
    for order in (1, -1):
        hits = Hits()
        for hit in [Hit("fetched", key="f"), Hit("called", key="f()", supersedes="f")][::order]:
            hits.add(RULE, hit)
        assert [finding.message for finding in hits.findings("p")] == ["called"]


def test_too_many_hits_are_counted() -> None:
    hits = Hits()
    for number in range(MAX_PER_RULE + 7):
        hits.add(RULE, Hit("m", key=str(number), offset=number))
    found = hits.findings("p")
    assert len(found) == MAX_PER_RULE + 1
    assert found[-1].message == "7 more like those above"
    assert found[-1].severity is Severity.ERROR


def test_merged_hits_are_all_there() -> None:
    one, two = Hits(), Hits()
    one.add(RULE, Hit("a", key="a"))
    two.add(RULE, Hit("a", key="a"))
    for number in range(MAX_PER_RULE + 3):
        two.add(RULE, Hit("m", key=str(number)))
    one.merge(two)
    found = one.findings("p")
    assert found[0].count == 2
    assert found[-1].message.endswith("more like those above")
    assert (
        sum(finding.count for finding in found[:-1]) + int(found[-1].message.split()[0]) == MAX_PER_RULE + 5
    )


def test_text_without_a_utf8_form_is_made_plain() -> None:
    hits = Hits()
    hits.add(RULE, Hit("bad \ud800", key="k", expression="\ud800"))
    (finding,) = hits.findings("p")
    assert finding.message == "bad \\ud800"
    assert finding.expression == "\\ud800"
