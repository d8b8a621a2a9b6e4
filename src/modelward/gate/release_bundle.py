"""The release bundle: everything that an offline verifier needs, in one JSON file.

Nothing in it is believed: trust starts from the verifier's pin. All inclusion proofs are for the one
checkpoint.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from modelward.attest.bundle import Bundle
from modelward.core import strict_json
from modelward.core.digest import Digest
from modelward.core.errors import InputError

FORMAT = "modelward-release/v1"
MAX_BYTES = 64 << 20
MAX_EVIDENCE = 20_000
MAX_PROOF = 128

_FIELDS = {
    "format",
    "trust",
    "checkpoint",
    "continuity",
    "status",
    "stage",
    "previous",
    "decision",
    "manifest",
    "policy",
    "bom",
    "evidence",
}


@dataclass(frozen=True, slots=True)
class LoggedBundle:
    """A signed statement with its place in the log and its inclusion proof (RFC 6962 hashes)."""

    bundle: Bundle
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Continuity:
    """The proof that the bundle's checkpoint continues an earlier one that verifiers may have kept."""

    size: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ReleaseBundle:
    """What a registry exports for one stage of one model.

    trust: for each version of the trust policy, its bundles. checkpoint: a signed note.
    continuity: consistency proofs from earlier checkpoints. previous: the stage statement before this one,
    None for the first. manifest: SHA256SUMS of the artifact. policy: the
    gate policy's TOML. bom: the review BOM. evidence: all logged statements about the closure, in log order.
    """

    trust: tuple[tuple[Bundle, ...], ...]
    checkpoint: bytes
    continuity: tuple[Continuity, ...]
    status: Bundle
    stage: LoggedBundle
    previous: LoggedBundle | None
    decision: LoggedBundle
    manifest: bytes
    policy: bytes
    bom: dict[str, Any]
    evidence: tuple[LoggedBundle, ...]

    @property
    def bom_digest(self) -> Digest:
        """The SHA-256 of the BOM's canonical JSON."""
        return Digest.sha256(strict_json.dumps(self.bom))

    def to_bytes(self) -> bytes:
        """The canonical JSON form."""
        return strict_json.dumps(
            {
                "format": FORMAT,
                "trust": [[_plain(bundle) for bundle in bundles] for bundles in self.trust],
                "checkpoint": self.checkpoint.decode("utf-8"),
                "continuity": [
                    {"size": earlier.size, "proof": _encoded(earlier.proof)} for earlier in self.continuity
                ],
                "status": _plain(self.status),
                "stage": _logged(self.stage),
                "previous": None if self.previous is None else _logged(self.previous),
                "decision": _logged(self.decision),
                "manifest": self.manifest.decode("utf-8"),
                "policy": self.policy.decode("utf-8"),
                "bom": self.bom,
                "evidence": [_logged(logged) for logged in self.evidence],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> ReleaseBundle:
        """Parse strictly, capped. Raises InputError (LimitExceeded past a cap)."""
        value = strict_json.loads(data, what="release bundle", max_bytes=MAX_BYTES)
        if not isinstance(value, dict) or set(value) != _FIELDS or value["format"] != FORMAT:
            raise InputError(f"not a release bundle of format {FORMAT}")
        trust, evidence = _list(value["trust"]), _list(value["evidence"])
        if not isinstance(value["bom"], dict):
            raise InputError("release bundle: the BOM must be an object")
        previous = value["previous"]
        return cls(
            trust=tuple(tuple(_bundle(item) for item in _list(bundles)) for bundles in trust),
            checkpoint=_text(value["checkpoint"]),
            continuity=tuple(_continuity(item) for item in _list(value["continuity"])),
            status=_bundle(value["status"]),
            stage=_logged_bundle(value["stage"]),
            previous=None if previous is None else _logged_bundle(previous),
            decision=_logged_bundle(value["decision"]),
            manifest=_text(value["manifest"]),
            policy=_text(value["policy"]),
            bom=value["bom"],
            evidence=tuple(_logged_bundle(item) for item in evidence),
        )


def _plain(bundle: Bundle) -> Any:
    return strict_json.loads(bundle.to_bytes(), what="bundle")


def _logged(logged: LoggedBundle) -> dict[str, Any]:
    return {
        "bundle": _plain(logged.bundle),
        "index": logged.index,
        "proof": _encoded(logged.proof),
    }


def _encoded(proof: tuple[bytes, ...]) -> list[str]:
    return [base64.b64encode(node).decode("ascii") for node in proof]


def _bundle(value: Any) -> Bundle:
    if not isinstance(value, dict):
        raise InputError("release bundle: a signed statement must be an object")
    return Bundle.from_value(value)


def _logged_bundle(value: Any) -> LoggedBundle:
    if not isinstance(value, dict) or set(value) != {"bundle", "index", "proof"}:
        raise InputError("release bundle: a logged statement has exactly bundle, index and proof")
    return LoggedBundle(_bundle(value["bundle"]), _count(value["index"]), _proof(value["proof"]))


def _continuity(value: Any) -> Continuity:
    if not isinstance(value, dict) or set(value) != {"size", "proof"}:
        raise InputError("release bundle: an earlier checkpoint has exactly size and proof")
    return Continuity(_count(value["size"]), _proof(value["proof"]))


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InputError("release bundle: an index or size is a whole number")
    return value


def _proof(value: Any) -> tuple[bytes, ...]:
    nodes = _list(value)
    if len(nodes) > MAX_PROOF:
        raise InputError("release bundle: a proof is too long")
    return tuple(_node(node) for node in nodes)


def _node(value: Any) -> bytes:
    try:
        node = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        node = b""
    if len(node) != 32:
        raise InputError("release bundle: a proof holds base64 SHA-256 hashes")
    return node


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_EVIDENCE:
        raise InputError("release bundle: expected a list of bounded length")
    return value


def _text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise InputError("release bundle: expected text")
    return value.encode("utf-8")
