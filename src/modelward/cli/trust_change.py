"""Making the next trust policy version from the command line: sign it, collect signatures, publish it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from modelward.cli import output
from modelward.cli.home import Home
from modelward.cli.publish import open_registry, pin_of, registry_directory
from modelward.core import instant
from modelward.core.counting import counted
from modelward.core.errors import ModelwardError, Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modelward.attest.bundle import Bundle
    from modelward.attest.keys.signer import Signer
    from modelward.attest.predicates.trust import TrustedKey, TrustPolicy
    from modelward.attest.trust import Trust
    from modelward.attest.trust_edit import Change


@dataclass(frozen=True, slots=True)
class TrustChange:
    """A registry directory, its newest trust policy, walked from the user's pin, and the time.

    The policy may have expired: renewing it is a change too.
    """

    directory: Path
    trust: Trust
    now: datetime

    @classmethod
    def open(cls, named: Path | None) -> TrustChange:
        """Walk the trust policy of the registry that `--registry` or the configuration names."""
        from modelward.attest.trust import walk_to_renew
        from modelward.attest.trust_files import load_versions

        directory, now = registry_directory(named), instant.now()
        pin = pin_of(Home.open(), directory)
        return cls(directory, walk_to_renew(pin, load_versions(directory), now=now), now)

    def make(self, changes: Sequence[Change], root_keys: Sequence[str], out: Path | None) -> None:
        """Sign the next version with `changes` and publish it, or write it to `out` for others to sign."""
        from modelward.attest.trust import check_successor
        from modelward.attest.trust_edit import next_version, sign_trust_policy

        policy = next_version(self.trust.policy, *changes, now=self.now)
        bundles = sign_trust_policy(policy, self._signers(policy, root_keys))
        path = out or Path(f"trust-{policy.version}.proposal.jsonl")
        _, missing = check_successor(self.trust, bundles, now=self.now)
        if missing and path.exists():
            raise UsageError("there is such a file", where=str(path), help="co-sign it, or choose --out")
        self._finish(bundles, path)

    def cosign(self, path: Path, root_keys: Sequence[str], *, confirmed: bool) -> None:
        """Show what the proposal in `path` changes, sign it too, and publish it once it is complete."""
        from modelward.attest.trust import check_successor
        from modelward.attest.trust_changes import describe
        from modelward.attest.trust_edit import sign_trust_policy
        from modelward.attest.trust_files import read_bundles

        bundles = read_bundles(path)
        policy, missing = check_successor(self.trust, bundles, now=self.now)
        output.note(f"version {policy.version} of the trust policy changes:")
        for line in describe(self.trust.policy, policy):
            output.note(f"  {escape(line, limit=4000)}")
        if missing and not confirmed:
            _confirm()
        signed = {bundle.key_id for bundle in bundles}
        signers = self._signers(policy, root_keys) if missing else []
        if any(signer.public.id in signed for signer in signers):
            raise UsageError("this root key has signed the proposal already", where=str(path))
        self._finish((*bundles, *sign_trust_policy(policy, signers)), path)

    def _finish(self, bundles: Sequence[Bundle], path: Path) -> None:
        from modelward.attest.trust import check_successor
        from modelward.attest.trust_files import write_bundles, write_version

        policy, missing = check_successor(self.trust, bundles, now=self.now)
        if missing:
            write_bundles(path, bundles)
            output.answer(f"proposal {escape(str(path))}")
            for line in missing:
                output.note(f"not in force yet: {line}")
            output.note(f"others sign it with: modelward key trust --cosign {escape(str(path))}")
            return
        self._check_walks(bundles)
        write_version(self.directory, policy.version, bundles)
        output.answer(f"trust policy version {policy.version} is in force until {policy.expires}")
        self._record()

    def _check_walks(self, bundles: Sequence[Bundle]) -> None:
        """What is published must pass the very check that verifiers make."""
        from modelward.attest.trust import walk
        from modelward.attest.trust_files import load_versions

        walk(self.trust.identity, [*load_versions(self.directory), tuple(bundles)], now=self.now)

    def _record(self) -> None:
        """Log the version, and issue status and release bundles that carry it."""
        from modelward.registry.status import refresh

        try:
            with open_registry(self.directory) as opened:
                with opened.exclusive():
                    opened.record_trust()
                stages = refresh(opened)
        except ModelwardError as error:
            output.error(error)
            output.note("the version is written; log it with: modelward registry refresh")
            return
        output.note(f"logged; status and {counted(len(stages), 'release bundle')} were issued anew")

    def _signers(self, policy: TrustPolicy, uris: Sequence[str]) -> list[Signer]:
        """The root signers, by default the one that `modelward init` made. Raises Rejected for other keys."""
        home = Home.open()
        default = home.key_path(f"{policy.name}-root")
        if not uris and not default.exists():
            raise UsageError(
                "cannot read the key: it is not here",
                where=str(default),
                help="whoever holds a root key must do this; name it with --root-key URI",
            )
        signers = [home.signer(uri) for uri in uris or (f"file:{default}",)]
        known = (*self.trust.policy.keys, *policy.keys)
        roots = {key.id for key in known if "root" in key.roles}
        for signer in signers:
            if signer.public.id not in roots:
                raise Rejected(
                    f"{signer.public.label} is no root key of {policy.name}",
                    help="name the root key with --root-key URI",
                )
        return signers


def find_keys(policy: TrustPolicy, text: str) -> list[TrustedKey]:
    """The keys that `text` names: the start of a key id (8 characters or more), a key's or principal's name.

    Raises UsageError if there is none.
    """
    by_id = [key for key in policy.keys if len(text) >= 8 and key.id.startswith(text)]
    by_name = [key for key in policy.keys if key.name == text != ""]
    found = by_id or by_name or [key for key in policy.keys if key.principal == text]
    if not found and any(text and key.id.startswith(text) for key in policy.keys):
        raise UsageError(f"{text!r} is too short for a key id", help="give at least 8 digits of it")
    if not found:
        raise UsageError(f"the trust policy has no key {text!r}", help="see modelward key trust --list")
    return found


def one_key(policy: TrustPolicy, text: str) -> TrustedKey:
    """The one key that `text` names and that is not revoked. Raises UsageError if there are more."""
    revoked = {key.id for key in policy.revoked_keys}
    found = [key for key in find_keys(policy, text) if key.id not in revoked] or find_keys(policy, text)
    if len(found) > 1:
        ids = ", ".join(f"{key.id[:16]} ({', '.join(key.roles)})" for key in found)
        raise UsageError(f"{text} has several keys: {ids}", help="name one by the start of its id")
    return found[0]


def _confirm() -> None:
    import sys

    import click

    if not sys.stdin.isatty():
        raise UsageError("nobody confirmed these changes", help="read them, then pass --yes")
    click.confirm("sign these changes?", abort=True, err=True)
