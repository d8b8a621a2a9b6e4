"""The help pages of the scan rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelward.core.finding import Rule, Severity

HEAD = """\
# Scan rules

<!-- Written by `make docs` from src/modelward/scan/rules; edit the rules, not this page. -->

What `modelward scan` looks for, the gravest first. An *error* makes the verdict *malicious*, a *warning*
*unverified*. `modelward rule ID` prints one of these.
"""


def page(rule: Rule) -> str:
    """One rule's page, as Markdown."""
    return f"# {rule.id}\n\n{rule.title} ({rule.severity.value})\n\n{rule.help}\n"


def listing(rules: Mapping[str, Rule]) -> str:
    """One line a rule: id, severity, title; the gravest first, then by id."""
    width = max(map(len, rules))
    return "\n".join(
        f"{rule.id:<{width}}  {rule.severity.value:<7}  {rule.title}" for rule in _gravest_first(rules)
    )


def manual(rules: Mapping[str, Rule]) -> str:
    """All rules as one Markdown page with an index: docs/rules.md."""
    return "\n".join((HEAD, *_index(rules), *_sections(rules)))


def _gravest_first(rules: Mapping[str, Rule]) -> list[Rule]:
    severities = list(Severity)
    return sorted(rules.values(), key=lambda rule: (severities.index(rule.severity), rule.id))


def _index(rules: Mapping[str, Rule]) -> Iterator[str]:
    yield "| rule | severity | what it is |\n| --- | --- | --- |"
    for rule in _gravest_first(rules):
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity.value} | {rule.title} |"
    yield ""


def _sections(rules: Mapping[str, Rule]) -> Iterator[str]:
    for rule in _gravest_first(rules):
        yield f"## {rule.id}\n\n*{rule.severity.value}*: {rule.title}\n"
        yield rule.help.replace("\n## ", "\n### ") + "\n"
