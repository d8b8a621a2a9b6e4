"""Applying suppressions and pins to what was found. They hide findings; the report keeps all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date

from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.finding import Finding
from modelward.formats.source import Source
from modelward.scan.settings import Pin, ScanSettings, Suppression


class Applied:
    """What the settings change about one artifact.

    `tree` is the digest of the whole tree, where it matters. `used` are the suppressions and pins that
    changed something. A file is hashed only if something was found in it that they might hide.
    """

    def __init__(self, settings: ScanSettings, tree: Digest | None = None, today: date | None = None) -> None:
        today = today or instant.now().date()
        self.suppressions = [entry for entry in settings.suppressions if entry.until >= today]
        self.pins = settings.pins
        self.tree = tree
        self.used: set[Suppression | Pin] = set()

    def shown(
        self,
        found: Sequence[Finding],
        source: Source,
        again: Callable[[frozenset[str]], Sequence[Finding]],
    ) -> list[Finding]:
        """Of what was found in one file, what is left.

        `again` examines the file once more with further globals allowed. Raises InputError.
        """
        relevant = [entry for entry in self.suppressions if any(entry.rule == one.rule for one in found)]
        if not found or not (relevant or self.pins):
            return list(found)
        names = {self.tree, digest_of(source)}
        pins = [pin for pin in self.pins if pin.digest in names]
        if pins:
            without = again(frozenset().union(*(pin.globals for pin in pins)))
            self.used.update(pins if len(without) < len(found) else ())
            found = without
        rules = set()
        for entry in relevant:
            if entry.digest in names and any(entry.rule == one.rule for one in found):
                rules.add(entry.rule)
                self.used.add(entry)
        return [one for one in found if one.rule not in rules]


def digest_of(source: Source) -> Digest:
    """The SHA-256 of a source's bytes. Raises InputError."""
    total = hashlib.sha256()
    for chunk in source.chunks():
        total.update(chunk)
    return Digest("sha256", total.hexdigest())


def idle(settings: ScanSettings, used: frozenset[Suppression | Pin], today: date | None = None) -> list[str]:
    """What to tell about suppressions and pins that hide nothing: expired ones, and unused ones."""
    today = today or instant.now().date()
    told = []
    for entry in settings.suppressions:
        what = f"the suppression of {entry.rule} in {entry.digest.short}"
        if entry.until < today:
            told.append(f"{what} expired on {entry.until}: remove it, or look again and renew it")
        elif entry not in used:
            told.append(f"{what} hides nothing here")
    told += [f"the pin of {pin.digest.short} allows nothing here" for pin in settings.pins if pin not in used]
    return told
