"""Whether a logged statement was its signer's to make: signature and role, whatever the time."""

from __future__ import annotations

from modelward.attest.bundle import Bundle
from modelward.attest.predicates import Revocation
from modelward.attest.trust import Trust
from modelward.attest.verify import may_revoke
from modelward.core.errors import Rejected


def authorised(bundle: Bundle, trust: Trust, target: Bundle | None) -> bool:
    """Whether the bundle's key made its signature and may make this kind of statement.

    `target` is the statement that a revocation of a statement names, where the log has it. Time and
    revocation are left to the gate and to verifiers, so that replaying a log always gives the same tables.
    """
    try:
        key = trust.key(bundle.key_id)
        bundle.check_signature(trust.public_key(bundle.key_id))
        if bundle.statement.predicate_type == Revocation.TYPE:
            return may_revoke(bundle, trust, target)
    except Rejected:
        return False
    return trust.may_sign(key, bundle.statement.predicate_type)
