"""What a project's configuration says about scans: suppressions and pinned globals (docs/scan.md).

`[[suppress]]` has rule, digest, reason and until; `[[scan.pin]]` has digest, globals and reason. Both hold
for the bytes with that digest and for no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.core.regex import regex

_GLOBAL = regex(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


class Suppression(Struct, frozen=True):
    """Findings of `rule` in the file or tree with this digest are not shown, through the day `until`."""

    rule: str
    digest: Digest
    reason: str
    until: date


class Pin(Struct, frozen=True):
    """Globals (`module.name`) that pickles in the file or tree with this digest may use besides the known."""

    digest: Digest
    globals: frozenset[str]
    reason: str


class ScanSettings(Struct, frozen=True):
    """All suppressions and pins of a configuration."""

    suppressions: tuple[Suppression, ...] = ()
    pins: tuple[Pin, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.suppressions or self.pins)

    @property
    def names_trees(self) -> bool:
        """Whether the digest of a whole tree matters."""
        digests = [entry.digest for entry in self.suppressions] + [entry.digest for entry in self.pins]
        return any(digest.algorithm == "dirHash" for digest in digests)


#: No settings.
NONE = ScanSettings()


def parse(suppress: Any, scan: Any, where: str) -> ScanSettings:
    """Read the values of `suppress` and `scan` in the configuration file `where`. Raises InputError."""
    if not isinstance(scan, dict):
        raise InputError("scan must be a table", where=where)
    _known(scan, {"pin"}, "scan", where)
    suppressions = tuple(_suppression(table, where) for table in _tables(suppress, "suppress", where))
    pins = tuple(_pin(table, where) for table in _tables(scan.get("pin", []), "scan.pin", where))
    return ScanSettings(suppressions, pins)


def _suppression(table: dict[str, Any], where: str) -> Suppression:
    from modelward.scan.rules import RULES

    name = "suppress"
    _known(table, {"rule", "digest", "reason", "until"}, name, where)
    rule = _text(table, "rule", name, where)
    if rule not in RULES:
        raise InputError(f"{name}: there is no rule {rule!r}", where=where, help="modelward rule lists them")
    until = table.get("until")
    if type(until) is not date:
        raise InputError(f"{name}: until must be a date, such as until = 2027-01-31", where=where)
    return Suppression(rule, _digest(table, name, where), _text(table, "reason", name, where), until)


def _pin(table: dict[str, Any], where: str) -> Pin:
    name = "scan.pin"
    _known(table, {"digest", "globals", "reason"}, name, where)
    names = table.get("globals")
    if not isinstance(names, list) or not names:
        raise InputError(f'{name}: globals must be a list, such as ["mylib.model.Net"]', where=where)
    for one in names:
        if not isinstance(one, str) or not _GLOBAL.fullmatch(one):
            raise InputError(f"{name}: {one!r} is not the full name of a global", where=where)
    return Pin(_digest(table, name, where), frozenset(names), _text(table, "reason", name, where))


def _tables(value: Any, name: str, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        raise InputError(f"{name} must be tables, each headed [[{name}]]", where=where)
    return value


def _known(table: Mapping[str, Any], names: set[str], name: str, where: str) -> None:
    unknown = sorted(table.keys() - names)
    if unknown:
        raise InputError(
            f"{name}: unknown setting {unknown[0]!r}", where=where, help=f"it has {sorted(names)}"
        )


def _text(table: Mapping[str, Any], key: str, name: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name}: {key} must be text in quotes", where=where)
    return value


def _digest(table: Mapping[str, Any], name: str, where: str) -> Digest:
    try:
        digest = Digest.parse(_text(table, "digest", name, where))
    except InputError as error:
        raise InputError(f"{name}: {error.message}", where=where, help=error.help) from None
    if digest.algorithm not in ("sha256", "dirHash"):
        raise InputError(f"{name}: digest must be sha256:HEX or dirHash:HEX", where=where)
    return digest
