"""CEL rules, evaluated so that only a plain, informed `true` passes.

`[].all(x, false)`, `missing || true` and `!(NaN < 0.9)` are all true in CEL; so a rule declares the facts
it needs, sees no others, and fails when one of them is absent, empty or not finite.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from modelward.core.errors import InputError

#: The names a rule may read from; `facts.build` fills them.
NAMESPACES = ("model", "stage", "metrics", "scan", "data", "profile", "poison", "approvals", "files")

_NEED = re.compile(rf"({'|'.join(NAMESPACES)})\.([A-Za-z_][A-Za-z0-9_]*)\Z")

Facts = Mapping[str, Mapping[str, Any]]


def check(rule: str, expression: str, needs: Sequence[str], *, where: str) -> None:
    """Refuse a rule that cannot work: bad syntax, unknown needs, a result that is no boolean."""
    if not needs:
        raise InputError(
            f"rule {rule}: needs no facts, so it decides nothing",
            where=where,
            help='list them: needs = ["metrics.f1"]',
        )
    for need in needs:
        if not _NEED.match(need):
            raise InputError(
                f"rule {rule}: {need!r} is not a fact", where=where, help=f"facts start with {NAMESPACES}"
            )
        if need not in expression:
            raise InputError(f"rule {rule}: needs {need} but does not read it", where=where)
    try:
        result = _environment().compile(expression).return_type()
    except RuntimeError as error:
        raise InputError(f"rule {rule}: {str(error).splitlines()[0]}", where=where) from error
    if result != _cel().Type.BOOL:
        raise InputError(f"rule {rule}: the expression must be a boolean", where=where)


def missing_fact(needs: Sequence[str], facts: Facts) -> str | None:
    """The first needed fact that is absent, empty or not finite; None when all are there."""
    for need in needs:
        namespace, name = need.split(".", 1)
        value = facts.get(namespace, {}).get(name)
        if value is None or value in ("", [], {}):
            return need
        if isinstance(value, float) and not math.isfinite(value):
            return need
    return None


def holds(expression: str, needs: Sequence[str], facts: Facts) -> bool:
    """Whether the expression is exactly the boolean true over the declared facts."""
    if missing_fact(needs, facts) is not None:
        return False
    visible: dict[str, dict[str, Any]] = {namespace: {} for namespace in NAMESPACES}
    for need in needs:
        namespace, name = need.split(".", 1)
        visible[namespace][name] = facts[namespace][name]
    try:
        value = _environment().compile(expression).eval(data=visible)
    except RuntimeError:
        return False
    return value.type() == _cel().Type.BOOL and value.plain_value() is True


def _cel() -> Any:
    from cel_expr_python import cel

    return cel


@cache
def _environment() -> Any:
    kinds = _cel().Type
    return _cel().NewEnv(variables={name: kinds.Map(kinds.STRING, kinds.DYN) for name in NAMESPACES})
