"""The gate policy: one TOML file that says, per stage, which checks and rules a release must pass.

Its digest (SHA-256 of the file's bytes) is named by the trust policy, so it changes only with root
signatures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import msgspec

from modelward.attest.predicates.base import NameText
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate import cel
from modelward.gate.checks import CHECKS
from modelward.gate.context import Check

FORMAT = "modelward-policy/v1"
MAX_BYTES = 1 << 20


class _Toml(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class CelRule(_Toml, frozen=True, kw_only=True):
    """A rule of the organisation's own. It passes only when the expression is exactly true."""

    id: NameText
    title: str
    needs: tuple[str, ...]
    expression: str
    message: str
    solution: str


class _StageFile(_Toml, frozen=True, kw_only=True):
    mode: Literal["enforce", "observe"] = "enforce"
    release_valid: str = "90d"
    check: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    rule: tuple[CelRule, ...] = ()


class _PolicyFile(_Toml, frozen=True, kw_only=True):
    format: Literal["modelward-policy/v1"]
    name: NameText
    status_valid: str = "24h"
    waiver_max: str = "30d"
    stage: dict[NameText, _StageFile]


@dataclass(frozen=True, slots=True)
class StagePolicy:
    """What one stage asks for."""

    name: str
    mode: Literal["enforce", "observe"]
    release_valid: timedelta
    checks: tuple[tuple[Check, Any], ...]
    rules: tuple[CelRule, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A parsed policy and the digest of the bytes it was read from."""

    digest: Digest
    name: str
    status_valid: timedelta
    waiver_max: timedelta
    stages: Mapping[str, StagePolicy]

    @classmethod
    def parse(cls, data: bytes, *, where: str = "policy") -> Policy:
        """Read a policy. Unknown keys, checks and options are errors. Raises InputError."""
        if len(data) > MAX_BYTES:
            raise InputError(f"the policy is over {MAX_BYTES} bytes", where=where)
        try:
            file = msgspec.convert(tomllib.loads(data.decode("utf-8")), _PolicyFile)
            stages = {name: _stage(name, stage, where) for name, stage in file.stage.items()}
            if not stages:
                raise InputError("the policy names no stage", where=where, help="add [stage.production]")
            return cls(
                Digest.sha256(data),
                file.name,
                instant.parse_duration(file.status_valid),
                instant.parse_duration(file.waiver_max),
                stages,
            )
        except (UnicodeError, tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
            raise InputError(f"not a valid policy: {error}", where=where) from error
        except InputError as error:
            error.where = error.where or where
            raise

    def stage(self, name: str) -> StagePolicy:
        """The policy of a stage. Raises InputError for one that it does not name."""
        if name not in self.stages:
            raise InputError(
                f"the policy has no stage {name!r}", help=f"stages are {', '.join(sorted(self.stages))}"
            )
        return self.stages[name]


def _stage(name: str, file: _StageFile, where: str) -> StagePolicy:
    unknown = sorted(set(file.check) - set(CHECKS))
    if unknown:
        raise InputError(
            f"stage {name}: unknown check {unknown[0]!r}", where=where, help=f"checks are {', '.join(CHECKS)}"
        )
    if not file.check and not file.rule:
        raise InputError(f"stage {name} asks for nothing", where=where, help="add at least check.signed")
    checks: list[tuple[Check, Any]] = []
    for check in CHECKS.values():
        if check.id not in file.check:
            continue
        missing = [need for need in check.needs if need not in file.check]
        if missing:
            raise InputError(f"stage {name}: check {check.id} needs check {missing[0]}", where=where)
        try:
            checks.append((check, msgspec.convert(file.check[check.id], check.options)))
        except (msgspec.ValidationError, InputError) as error:
            raise InputError(f"stage {name}: check {check.id}: {error}", where=where) from error
    seen = set(CHECKS)
    for rule in file.rule:
        if rule.id in seen:
            raise InputError(f"stage {name}: rule id {rule.id!r} is taken", where=where)
        seen.add(rule.id)
        cel.check(rule.id, rule.expression, rule.needs, where=where)
    return StagePolicy(name, file.mode, instant.parse_duration(file.release_valid), tuple(checks), file.rule)
