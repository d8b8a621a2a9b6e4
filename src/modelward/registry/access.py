"""Who may do what: Cedar policies over roles (DESIGN section 4, Registry).

Any diagnostic denies: Cedar skips an erroring `forbid`, so an error must never end in an allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modelward.core import strict_json
from modelward.core.principal import Principal

ACTIONS = ("push", "approve", "waive", "promote", "revoke", "freeze")

#: A role's permissions. A statement's own authority is judged by the trust policy besides.
POLICIES = """
@id("publishers push and promote")
permit(principal in Role::"publisher",
       action in [Action::"push", Action::"promote"], resource);
@id("approvers approve, waive and promote")
permit(principal in Role::"approver",
       action in [Action::"approve", Action::"waive", Action::"promote"], resource);
@id("administrators promote, waive, revoke and freeze")
permit(principal in Role::"administrator",
       action in [Action::"promote", Action::"waive", Action::"revoke", Action::"freeze"], resource);
@id("nobody promotes what is frozen")
forbid(principal, action == Action::"promote", resource) when { resource.frozen };
"""


@dataclass(frozen=True, slots=True)
class Access:
    """Cedar's answer, and the ids of the policies that gave it or the errors that made it a no."""

    allowed: bool
    reasons: tuple[str, ...]


def decide(principal: Principal, action: str, model: str, *, frozen: bool = False) -> Access:
    """Whether `principal` may do `action` on a model. An error of any kind is a no."""
    import cedarpy

    roles = sorted(principal.roles)
    entities: list[dict[str, Any]] = [
        {
            "uid": {"type": "User", "id": principal.name},
            "attrs": {"person": principal.person},
            "parents": [{"type": "Role", "id": role} for role in roles],
        },
        {
            "uid": {"type": "Model", "id": model},
            "attrs": {"frozen": frozen},
            "parents": [],
        },
    ]
    request = {
        "principal": f"User::{_quoted(principal.name)}",
        "action": f"Action::{_quoted(action)}",
        "resource": f"Model::{_quoted(model)}",
        "context": {},
    }
    result = cedarpy.is_authorized(request, POLICIES, entities)
    errors = tuple(str(error) for error in result.diagnostics.errors)
    if errors:
        return Access(False, errors)
    return Access(bool(result.allowed), tuple(str(reason) for reason in result.diagnostics.reasons))


def _quoted(text: str) -> str:
    return strict_json.dumps(text).decode("utf-8")
