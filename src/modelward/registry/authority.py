"""Whether a logged statement was its signer's to make: signature and role, whatever the time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from modelward.attest.bundle import Bundle
from modelward.attest.predicates import Revocation
from modelward.attest.trust import Trust
from modelward.core.errors import Rejected
from modelward.registry import tables


def authorised(bundle: Bundle, trust: Trust, connection: Connection) -> bool:
    """Whether the bundle's key made its signature and may make this kind of statement.

    Time and revocation are left to the gate and to verifiers, so that replaying a log always gives the
    same tables. People may revoke statements that they signed themselves.
    """
    try:
        key = trust.key(bundle.key_id)
        bundle.check_signature(trust.public_key(bundle.key_id))
    except Rejected:
        return False
    if trust.may_sign(key, bundle.statement.predicate_type):
        return True
    return bundle.statement.predicate_type == Revocation.TYPE and _own(bundle, trust, connection)


def _own(bundle: Bundle, trust: Trust, connection: Connection) -> bool:
    if bundle.statement.typed(Revocation).kind != "statement":
        return False
    revoked = str(bundle.statement.subject)
    keys = connection.execute(
        sa.select(tables.entries.c.key).where(tables.entries.c.statement == revoked)
    ).scalars()
    signer = trust.key(bundle.key_id).principal
    try:
        return any(trust.key(key).principal == signer for key in keys)
    except Rejected:
        return False
