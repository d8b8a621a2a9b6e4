"""What a rule says of one fact, and the hits of one file or member gathered into findings."""

from __future__ import annotations

from msgspec import Struct

from modelward.core.finding import Confidence, Finding, Rule

#: Distinct hits of one rule that are kept for one file or member; the others are counted.
MAX_PER_RULE = 100


class Hit(Struct, frozen=True):
    """What a rule found in one fact.

    Hits of the same `key` are one finding with a count, the one of the highest `rank` being shown; a hit that
    `supersedes` a key takes the place of that key's finding.
    """

    message: str
    key: str
    offset: int | None = None
    step: str | None = None
    expression: str | None = None
    label: str | None = None
    fix: str | None = None
    rank: int = 0
    supersedes: str | None = None
    confidence: Confidence = Confidence.HIGH


class Hits:
    """The hits in one file or member, by rule and key."""

    def __init__(self) -> None:
        self._hits: dict[tuple[str, str], Hit] = {}
        self._rules: dict[str, Rule] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._omitted: dict[str, int] = {}

    def add(self, rule: Rule, hit: Hit, count: int = 1) -> None:
        """Keep a hit, or count it if one like it, or too many others, are kept."""
        place = (rule.id, hit.key)
        kept = self._hits.get(place)
        if kept is None and sum(key[0] == rule.id for key in self._hits) >= MAX_PER_RULE:
            self._rules[rule.id] = rule
            self._omitted[rule.id] = self._omitted.get(rule.id, 0) + count
            return
        if kept is None or hit.rank > kept.rank:
            self._hits[place] = hit
            self._rules[rule.id] = rule
        self._counts[place] = self._counts.get(place, 0) + count

    def merge(self, other: Hits) -> None:
        """Take over the hits of another reading of the same bytes."""
        for place, hit in other._hits.items():
            self.add(other._rules[place[0]], hit, other._counts[place])
        self._rules.update(other._rules)
        for rule_id, count in other._omitted.items():
            self._omitted[rule_id] = self._omitted.get(rule_id, 0) + count

    def findings(self, path: str) -> list[Finding]:
        """One finding for each key, by offset."""
        gone = {(rule_id, hit.supersedes) for (rule_id, _), hit in self._hits.items()}
        found = [
            Finding(
                rule=rule_id,
                severity=self._rules[rule_id].severity,
                message=_plain(hit.message),
                path=path,
                offset=hit.offset,
                expression=None if hit.expression is None else _plain(hit.expression),
                fix=hit.fix,
                step=hit.step,
                label=hit.label,
                count=self._counts[rule_id, key],
                confidence=hit.confidence,
            )
            for (rule_id, key), hit in self._hits.items()
            if (rule_id, key) not in gone
        ]
        found.sort(key=lambda finding: finding.offset or 0)
        for rule_id, count in self._omitted.items():
            rule = self._rules[rule_id]
            found.append(Finding(rule_id, rule.severity, f"{count} more like those above", path))
        return found


def _plain(text: str) -> str:
    """A text that has a UTF-8 form: a pickle may name things with lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
