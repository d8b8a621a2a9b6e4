"""Licences that rows name, in a column called `license` or the like."""

from __future__ import annotations

import re
from collections.abc import Iterable

from modelward.data.profile import facts

#: Licences that forbid commercial use or changed copies, by what their names hold.
RESTRICTED = re.compile(
    r"non.?commercial|(?:^|[-_ ])n[cd](?:[-_ ]|$)|no.?deriv|research.only|all rights reserved|proprietary",
    re.IGNORECASE,
)


def mix(columns: Iterable[facts.Column], licences: tuple[str, ...]) -> tuple[facts.Licence, ...]:
    """How many rows name which licence, of the columns `licences`; those without one as the empty name."""
    found = []
    for column in columns:
        if column.name not in licences:
            continue
        found += [
            facts.Licence(column=column.name, licence=value.value, rows=value.rows) for value in column.values
        ]
        if column.missing:
            found.append(facts.Licence(column=column.name, licence="", rows=column.missing))
    return tuple(found)
