"""Built-in gate checks, a file each. The order of the table is the order of the decision.

Adding one: a file here that defines CHECK (its docstring is its help page), and a line in the table.
"""

from __future__ import annotations

from modelward.gate.checks import (
    approved,
    bom,
    custody,
    data_checked,
    derived,
    evaluated,
    log_consistent,
    not_revoked,
    probed,
    profiled,
    provenance,
    scanned,
    signed,
)
from modelward.gate.context import Check

CHECKS: dict[str, Check] = {
    module.CHECK.id: module.CHECK
    for module in (
        log_consistent,
        signed,
        not_revoked,
        scanned,
        provenance,
        derived,
        custody,
        profiled,
        data_checked,
        evaluated,
        probed,
        bom,
        approved,
    )
}
