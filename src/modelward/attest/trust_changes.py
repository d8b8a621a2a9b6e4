"""What a trust policy changes, told to the people who are asked to sign it.

Complete by construction: a field without a sentence of its own is shown as it was and as it will be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from modelward.attest.predicates.trust import RevokedKey, TrustedKey, TrustPolicy
from modelward.core import strict_json

#: Fields that every version changes.
_COUNTERS = {"version", "identity", "previous", "issued_at"}

#: Lists whose entries have a name: field -> the entry's field that names it.
_LISTS = {"keys": "id", "principals": "name", "revoked_keys": "id", "timestamp_authorities": "name"}

#: Lists that have sentences of their own.
_TOLD = {"keys", "revoked_keys"}


def describe(former: TrustPolicy, policy: TrustPolicy) -> tuple[str, ...]:
    """One line for each difference, in the order of the fields. Text from the policies is not escaped."""
    lines: list[str] = []
    for field in former.__struct_fields__:
        old, new = getattr(former, field), getattr(policy, field)
        if field in _COUNTERS or old == new:
            continue
        if field in _LISTS:
            lines += _entries(field, old, new)
        elif field == "roles":
            lines += _mapping("role", old, new)
        else:
            lines.append(f"{field.replace('_', ' ')}: {old} -> {new}")
    return tuple(lines)


def _entries(field: str, old: Iterable[Any], new: Iterable[Any]) -> Iterator[str]:
    label = _LISTS[field]
    before = {getattr(entry, label): entry for entry in old}
    after = {getattr(entry, label): entry for entry in new}
    if field not in _TOLD or len(before) != len(tuple(old)) or len(after) != len(tuple(new)):
        yield from _mapping(field.replace("_", " ").removesuffix("s"), before, after)
        return
    lines = list(_keys(before, after) if field == "keys" else _revocations(before, after))
    yield from lines or [f"the order of {field.replace('_', ' ')}"]


def _keys(before: Mapping[str, TrustedKey], after: Mapping[str, TrustedKey]) -> Iterator[str]:
    for key_id, key in after.items():
        old = before.get(key_id)
        name = f"key {key_id[:16]}… of {key.principal}"
        if old is None:
            yield f"trust {name} as {', '.join(key.roles)}, {key.valid_from} to {key.valid_until}"
        elif old != key:
            ended = msgspec.structs.replace(old, valid_until=key.valid_until)
            yield f"end {name} at {key.valid_until}" if ended == key else f"{name}: {_change(old, key)}"
    for key_id in before.keys() - after.keys():
        yield f"forget key {key_id[:16]}… of {before[key_id].principal}: all that it signed is void"


def _revocations(before: Mapping[str, RevokedKey], after: Mapping[str, RevokedKey]) -> Iterator[str]:
    for key_id, revoked in after.items():
        if before.get(key_id) != revoked:
            since = f"from {revoked.compromised_at}" if revoked.compromised_at else "from the start"
            yield f"revoke key {key_id[:16]}… {since}: {revoked.reason}"
    for key_id in before.keys() - after.keys():
        yield f"take back the revocation of key {key_id[:16]}…"


def _mapping(what: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    lines = [f"add {what} {name}: {_text(new[name])}" for name in new if name not in old]
    lines += [f"remove {what} {name}" for name in old if name not in new]
    lines += [
        f"{what} {name}: {_change(old[name], new[name])}"
        for name in old
        if name in new and old[name] != new[name]
    ]
    yield from lines or [f"the order of {what} entries"]


def _change(old: Any, new: Any) -> str:
    return "; ".join(
        f"{field.replace('_', ' ')} {_text(getattr(old, field))} -> {_text(getattr(new, field))}"
        for field in old.__struct_fields__
        if getattr(old, field) != getattr(new, field)
    )


def _text(value: Any) -> str:
    return strict_json.dumps(msgspec.to_builtins(value)).decode("utf-8")
