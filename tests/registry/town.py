"""A real registry in a directory, with people who hold real keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from modelward.artifact.hashing import hash_tree
from modelward.attest.bundle import Bundle, sign_statement
from modelward.attest.keys.file import PrivateKeySigner, generate
from modelward.attest.predicates import AnyPredicate, Approval, Release, Revocation, Version
from modelward.attest.statement import Statement
from modelward.attest.trust_edit import (
    Change,
    add_key,
    add_principal,
    next_version,
    sign_trust_policy,
    trusted_key,
)
from modelward.attest.trust_files import write_version
from modelward.core import instant
from modelward.core.digest import Digest
from modelward.core.principal import Principal
from modelward.registry import promote, status
from modelward.registry.create import Founder, create
from modelward.registry.local import Registry

POLICY = b"""
format = "modelward-policy/v1"
name = "test"
[stage.dev]
[stage.dev.check.signed]
[stage.production]
[stage.production.check.log-consistent]
[stage.production.check.signed]
[stage.production.check.not-revoked]
[stage.production.check.approved]
"""

PEOPLE = {
    "alice": ("publisher",),
    "bob": ("approver",),
    "ben": ("approver",),
    "sam": ("scanner",),
}


class Town:
    """A registry and its people. `registry()` opens it anew."""

    def __init__(self, place: Path, policy: bytes = POLICY) -> None:
        self.place = place
        self.directory = place / "registry"
        self.kept = place / "kept"
        self.root = PrivateKeySigner(generate())
        self.signers = {"ruth": PrivateKeySigner(generate())}
        founder = Founder("ruth", "Ruth", self.root, self.signers["ruth"].public, ("administrator",))
        self.pin = create(self.directory, "acme", policy, founder)
        self.change(*(change for name, roles in PEOPLE.items() for change in self._newcomer(name, roles)))

    def registry(self) -> Registry:
        return Registry(self.directory, self.pin, kept=[self.kept])

    def trust(self, name: str, roles: Sequence[str], person: str = "") -> None:
        """Give somebody a key and roles."""
        self.change(*self._newcomer(name, roles, person))

    def _newcomer(self, name: str, roles: Sequence[str], person: str = "") -> tuple[Change, Change]:
        self.signers[name] = PrivateKeySigner(generate())
        key = trusted_key(self.signers[name].public, name, roles, valid_from=instant.now())
        return add_principal(name, person or name.title()), add_key(key)

    def change(self, *changes: Change) -> None:
        """Publish the next version of the trust policy."""
        with self.registry() as registry:
            policy = next_version(registry.trust.policy, *changes, now=instant.now())
            bundles = sign_trust_policy(policy, [self.root])
            write_version(self.directory, policy.version, bundles)

    def say(self, who: str, subject: Digest, predicate: AnyPredicate, name: str = "subject") -> Bundle:
        """Sign and publish a statement."""
        bundle = sign_statement(Statement.of(name, subject, predicate), self.signers[who])
        with self.registry() as registry:
            registry.publish([bundle])
        return bundle

    def model(self, name: str = "model", **files: bytes) -> Path:
        """A directory with a model in it."""
        path = self.place / name
        path.mkdir(exist_ok=True)
        for file, data in (files or {"weights": b"w" * 100, "config": b"{}"}).items():
            (path / file).write_bytes(data)
        return path

    def push(self, path: Path, model: str = "fraud", number: int = 1, who: str = "alice") -> Digest:
        """Store a directory and register it."""
        manifest = hash_tree(path)
        with self.registry() as registry:
            for entry in manifest.entries:
                registry.store.put_file(path / entry.name, entry.digest)
            registry.store.put_bytes(manifest.to_bytes())
        version = Version(
            registry=str(self.pin),
            model=model,
            version=number,
            author=who,
            files=manifest.files,
            bytes=manifest.bytes or 0,
            origin="pushed",
            created_at=instant.render(instant.now()),
            nonce=secrets.token_hex(16),
        )
        self.say(who, manifest.digest, version, f"{model}@{number}")
        return manifest.digest

    def release(self, model: str = "fraud", number: int = 1, stage: str = "production") -> Release:
        with self.registry() as registry:
            return promote.candidate(registry, model, number, stage).release

    def approve(self, who: str = "bob", release: Release | None = None, **fields: str) -> Bundle:
        release = release or self.release()
        now = instant.now()
        approval = Approval(
            **{
                "release": release,
                "approver": who,
                "issued_at": instant.render(now),
                "expires": instant.render(now + timedelta(days=1)),
                "nonce": secrets.token_hex(16),
            }
            | fields
        )
        return self.say(who, Digest.parse(release.artifact), approval)

    def promote(self, number: int = 1, stage: str = "production", model: str = "fraud") -> promote.Promotion:
        with self.registry() as registry:
            result = promote.promote(registry, model, number, stage, Principal("alice", "Alice"))
            if result.stage_index is not None:
                status.refresh(registry)
            return result

    def promote_again(self) -> promote.Promotion:
        """Release version 1 once more: each promotion takes approvals of its own."""
        self.approve()
        return self.promote()

    def revoke(self, kind: str, digest: Digest, who: str = "ruth") -> None:
        act = Revocation(
            registry=str(self.pin),
            kind=kind,  # type: ignore[arg-type]
            reason="it leaks",
            issued_at=instant.render(instant.now()),
            nonce=secrets.token_hex(16),
        )
        self.say(who, digest, act)
        with self.registry() as registry:
            status.refresh(registry)

    def released(self) -> Path:
        """A model that went all the way to production; gives its directory."""
        path = self.model()
        self.push(path)
        self.approve()
        assert self.promote().stage_index is not None
        return path

    def bundle(self, model: str = "fraud", stage: str = "production") -> Path:
        return self.directory / "releases" / model / f"{stage}.json"
