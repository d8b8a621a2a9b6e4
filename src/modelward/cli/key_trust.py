"""`modelward key trust`, `retire`, `revoke` and `renew`: the trust policy, version by version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.home import checked_name
from modelward.core import instant
from modelward.core.errors import InputError, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelward.attest.trust import Trust
    from modelward.attest.trust_edit import Change

_LIFETIME = "365d"


def _signing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that makes a version."""
    for option in (
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            help="Where to write a proposal that others must sign too (default: trust-N.proposal.jsonl).",
        ),
        click.option(
            "--root-key",
            "root_keys",
            metavar="URI",
            multiple=True,
            help="A root signer (default: the one in your keys directory).",
        ),
        click.option("--registry", type=click.Path(path_type=Path), help="The registry's directory."),
    ):
        command = option(command)
    return command


@click.command("trust")
@click.argument("name", required=False)
@click.option("--key", help="The public key: a file, a name in your keys directory, or a signer's URI.")
@click.option("--role", "roles", multiple=True, help="What the key may do; may be repeated.")
@click.option("--person", help="Who is behind NAME (default: NAME, or as the policy says).")
@click.option("--valid", default=_LIFETIME, show_default=True, help="How long the key is in force.")
@click.option("--cosign", type=click.Path(path_type=Path), help="Sign a proposal; publish it if complete.")
@click.option("--yes", is_flag=True, help="Co-sign without being asked.")
@click.option("--list", "list_", is_flag=True, help="List whose keys may sign what.")
@click.option("--json", "as_json", is_flag=True, help="With --list: print one JSON object.")
@_signing_options
def trust(name: str | None, cosign: Path | None, yes: bool, list_: bool, **options: Any) -> None:
    """Let NAME sign in a registry, with a key and its roles, in a new version of the trust policy.

    A version takes the signatures of as many root key holders as the policy asks for. With one of several,
    a proposal is written; each of the others passes it to --cosign, and the last one publishes it.
    """
    from modelward.cli.trust_change import TrustChange

    if sum((name is not None, cosign is not None, list_)) != 1:
        raise UsageError("give exactly one of NAME, --cosign FILE and --list")
    change = TrustChange.open(options["registry"])
    if list_:
        _list(change.trust, options["as_json"])
    elif cosign is not None:
        change.cosign(cosign, options["root_keys"], confirmed=yes)
    elif name is not None:
        changes = _new_key(change.trust, checked_name(name), options)
        change.make(changes, options["root_keys"], options["out"])


@click.command("retire")
@click.argument("key")
@click.option("--at", metavar="TIME", help="When its validity ends (default: now).")
@_signing_options
def retire(key: str, at: str | None, registry: Path | None, root_keys: Any, out: Path | None) -> None:
    """End the validity of KEY, as in rotation. What it provably signed before still counts.

    KEY is the start of a key id, or a name with one key.
    """
    from modelward.attest.trust_edit import retire_key
    from modelward.cli.trust_change import TrustChange, one_key

    change = TrustChange.open(registry)
    moment = change.now if at is None else instant.parse(at)
    change.make([retire_key(one_key(change.trust.policy, key).id, moment)], root_keys, out)


@click.command("revoke")
@click.argument("key")
@click.option(
    "--compromised-at", metavar="TIME", help="Its signatures from then on are worthless (default: all are)."
)
@click.option("--reason", required=True, help="Why; it is shown wherever the revocation bites.")
@_signing_options
def revoke(
    key: str,
    compromised_at: str | None,
    reason: str,
    registry: Path | None,
    root_keys: Any,
    out: Path | None,
) -> None:
    """Revoke KEY for good, by the root keys. An administrator can do it at once: modelward revoke key.

    KEY is the start of a key id, or a name with one key. Signatures proven to be older than the time of
    compromise still count.
    """
    from modelward.attest.trust_edit import revoke_key
    from modelward.cli.trust_change import TrustChange, one_key

    change = TrustChange.open(registry)
    known = one_key(change.trust.policy, key)
    moment = None if compromised_at is None else instant.parse(compromised_at)
    change.make([revoke_key(known.id, compromised_at=moment, reason=reason)], root_keys, out)


@click.command("renew")
@click.option("--valid", default=_LIFETIME, show_default=True, help="How long the policy is good from now.")
@click.option("--root-threshold", type=int, help="How many people must sign each later version.")
@click.option("--witnesses", type=int, help="How many independent witnesses must cosign the log.")
@click.option(
    "--timestamp-authority",
    "authorities",
    metavar="NAME=FILE",
    multiple=True,
    help="Trust an RFC 3161 authority by its PEM certificates, root first.",
)
@_signing_options
def renew(
    valid: str,
    root_threshold: int | None,
    witnesses: int | None,
    authorities: tuple[str, ...],
    registry: Path | None,
    root_keys: Any,
    out: Path | None,
) -> None:
    """Renew the trust policy before (or after) it expires, and change what it asks for."""
    from modelward.attest import trust_edit
    from modelward.cli.trust_change import TrustChange

    change = TrustChange.open(registry)
    changes = [trust_edit.renewed(change.now + instant.parse_duration(valid))]
    if root_threshold is not None:
        changes.append(trust_edit.with_root_threshold(root_threshold))
    if witnesses is not None:
        changes.append(trust_edit.with_witnesses(witnesses))
    changes += [_authority(text) for text in authorities]
    change.make(changes, root_keys, out)


def _new_key(trust: Trust, name: str, options: dict[str, Any]) -> list[Change]:
    from modelward.attest.roles import ROLES
    from modelward.attest.trust_edit import add_key, add_principal, trusted_key
    from modelward.cli.public_key import load_public_key

    if not options["key"] or not options["roles"]:
        raise UsageError("a new key needs --key PUB.pem and --role ROLE")
    for role in options["roles"]:
        if role not in ROLES:
            raise UsageError(f"no such role: {role!r}", help=f"the roles are {', '.join(ROLES)}")
    known = {principal.name: principal.person for principal in trust.policy.principals}
    now = max(instant.now(), trust.now)
    key = trusted_key(
        load_public_key(options["key"]),
        name,
        options["roles"],
        valid_from=now,
        valid_until=now + instant.parse_duration(options["valid"]),
    )
    return [add_principal(name, options["person"] or known.get(name, name)), add_key(key)]


def _authority(text: str) -> Change:
    from modelward.attest.trust_edit import with_timestamp_authority
    from modelward.cli.public_key import read_capped

    name, equals, path = text.partition("=")
    if not equals:
        raise UsageError(f"not a timestamp authority: {text!r}", help="write it as NAME=FILE")
    end = "-----END CERTIFICATE-----"
    try:
        pem = read_capped(Path(path), max_bytes=1 << 16).decode("ascii")
    except UnicodeDecodeError:
        raise InputError("not PEM certificates", where=path) from None
    certificates = [part + end + "\n" for part in pem.split(end)[:-1]]
    return with_timestamp_authority(checked_name(name), [part.lstrip() for part in certificates])


def _list(trust: Trust, as_json: bool) -> None:
    policy = trust.policy
    if as_json:
        import msgspec

        output.answer_json({"identity": str(trust.identity), "policy": msgspec.to_builtins(policy)})
        return
    people = policy.roles["root"].threshold
    signers = "1 person signs" if people == 1 else f"{people} people sign"
    output.answer(f"{policy.name}, version {trust.version}, expires {policy.expires}; {signers} a version")
    revoked = {entry.id: entry for entry in policy.revoked_keys}
    persons = {principal.name: principal.person for principal in policy.principals}
    for key in policy.keys:
        state = f"until {key.valid_until}"
        if key.id in revoked:
            since = revoked[key.id].compromised_at
            state = f"revoked from {since}" if since else "revoked"
        elif trust.now >= instant.parse(key.valid_until):
            state = f"ended {key.valid_until}"
        who = (
            key.principal
            if persons[key.principal] == key.principal
            else (f"{key.principal} ({persons[key.principal]})")
        )
        label = trust.public_key(key.id).label
        output.answer(f"  {key.id[:16]}  {label:<20}  {escape(who)}: {', '.join(key.roles)}; {state}")
