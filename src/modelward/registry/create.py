"""Making a registry in a directory: keys of its infrastructure roles, trust policy, log, tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from modelward.attest.keys.file import generate, write_key
from modelward.attest.keys.public import PublicKey
from modelward.attest.keys.signer import Signer
from modelward.attest.predicates.trust import TrustedKey
from modelward.attest.trust import policy_digest
from modelward.attest.trust_edit import initial, sign_trust_policy, trusted_key
from modelward.attest.trust_files import write_version
from modelward.core import atomic, instant
from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.gate.policy import Policy
from modelward.log.sequencer import Log
from modelward.registry.layout import Layout
from modelward.registry.settings import ROLES, ServiceRole, Settings

#: The principal that the registry's own keys belong to.
SERVICE = "registry"


@dataclass(frozen=True, slots=True)
class Founder:
    """Who makes a registry: the root key, and a key for their own work with its roles."""

    name: str
    person: str
    root: Signer
    identity: PublicKey
    roles: tuple[str, ...]


def create(directory: Path, name: str, policy: bytes, founder: Founder) -> Digest:
    """Make a registry and give its identity: what verifiers pin. Whatever goes wrong, nothing is left of it.

    Raises InputError if something is there already, the founder has the registry's own name, or the policy
    cannot be read.
    """
    check_vacant(directory)
    if founder.name == SERVICE:
        raise InputError(
            f"{SERVICE!r} is what the registry itself is called in its trust policy",
            help="call the founder something else",
        )
    parsed = Policy.parse(policy)
    try:
        return _make(Layout(directory), name, parsed, policy, founder)
    except BaseException:
        for path in directory.iterdir() if directory.is_dir() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


def check_vacant(directory: Path) -> None:
    """Raise InputError unless a registry can be made at `directory`."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise InputError("this is a file", where=str(directory), help="choose another place for the registry")
    found = {path.name for path in directory.iterdir()}
    if Layout(directory).exists:
        raise InputError(
            "there is a registry here already",
            where=str(directory),
            help="use it: modelward key root --registry DIR shows its identity; or choose another place",
        )
    if found & {"keys", "log", "trust"}:
        raise InputError(
            "an earlier modelward init was interrupted here",
            where=str(directory),
            help="remove the directory, nothing was registered in it, and try again",
        )
    if found:
        raise InputError(
            "the directory is not empty", where=str(directory), help="choose another place for the registry"
        )


def _make(layout: Layout, name: str, parsed: Policy, policy: bytes, founder: Founder) -> Digest:
    """Write all parts; the settings last, since they make it a registry."""
    now = instant.now()
    settings = Settings(name=name, signers={role: f"file:keys/{role}.pem" for role in ROLES})
    public = {
        role: write_key(
            layout.keys / f"{role}.pem", generate("ed25519" if role == "log" else "ecdsa-p256"), None
        )
        for role in ROLES
    }
    trust = initial(
        name,
        log_origin=f"modelward.local/{name}/{public['log'].id[:16]}",
        gate_policy=parsed.digest,
        persons={founder.name: founder.person, SERVICE: f"service:{name}"},
        keys=_keys(founder, public, now),
        now=now,
    )
    atomic.write_bytes(layout.policy(parsed.digest), policy)
    write_version(layout.directory, 1, sign_trust_policy(trust, [founder.root]))
    log_signer = settings.signer("log", layout.directory)
    Log.create(layout.log, trust.log_origin, log_signer).close()
    settings.write(layout.settings)
    return policy_digest(trust)


def _keys(founder: Founder, public: Mapping[ServiceRole, PublicKey], now: datetime) -> Iterable[TrustedKey]:
    yield trusted_key(founder.root.public, founder.name, ("root",), valid_from=now, name="root")
    yield trusted_key(founder.identity, founder.name, founder.roles, valid_from=now, name=founder.name)
    for role, key in public.items():
        yield trusted_key(key, SERVICE, (role,), valid_from=now, name=role)
