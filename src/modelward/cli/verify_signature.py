"""`modelward verify PATH --signature FILE --key PUB`: an OpenSSF model signature against given keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelward.attest.bundle import MAX_BUNDLE_BYTES
from modelward.attest.keys.public import OMS_ALGORITHMS
from modelward.attest.oms import OmsResult, verify_oms
from modelward.cli import output
from modelward.cli.progress import progress
from modelward.cli.public_key import load_public_key, read_capped
from modelward.core import instant
from modelward.core.errors import EXIT_YES, InputError
from modelward.core.escape import escape


@dataclass(frozen=True, slots=True)
class SignatureChecks:
    """How strictly `verify_signature` looks, and how it answers. `authority_files` hold PEM certificates."""

    allow_ignored: bool = False
    authority_files: tuple[Path, ...] = ()
    as_json: bool = False


def verify_signature(
    path: Path,
    signature: Path,
    keys: Sequence[str],
    checks: SignatureChecks = SignatureChecks(),
) -> int:
    """Verify the OMS signature in the file `signature` over `path` with `keys`, print the answer, give 0.

    `keys` are public key files, names in the keys directory, or signer URIs. Raises Rejected with the reason
    if the answer is no, InputError or UsageError if there is none.
    """
    result = verify_oms(
        path,
        read_capped(signature, MAX_BUNDLE_BYTES),
        [load_public_key(key, OMS_ALGORITHMS) for key in keys],
        signature_path=signature,
        allow_ignored=checks.allow_ignored,
        authorities=[_certificates(file) for file in checks.authority_files],
        progress=progress("hashing"),
    )
    if checks.as_json:
        output.answer_json(_as_dict(result))
    else:
        output.answer("\n".join(_lines(path, result)))
    return EXIT_YES


def _lines(path: Path, result: OmsResult) -> list[str]:
    lines = [f"VERIFIED: {escape(str(path))} is what {result.key.label} signed as {escape(result.name)}"]
    lines.append(f"  bytes      {result.files} of {result.files} files match, none extra")
    if result.artifact is not None:
        lines.append(f"  artifact   {result.artifact}")
    lines.append(f"  signature  OpenSSF model signature, key {result.key.id}")
    if result.signed_at is not None:
        lines.append(f"  signed at  {instant.render(result.signed_at)}, proven by a timestamp")
    lines += [
        f"  NOT SIGNED {escape(name)} exists and is left out of the signature" for name in result.ignored
    ]
    when = "" if result.signed_at else ", when it was signed"
    lines.append(f"not checked: whether to trust the key, revocation{when}")
    return lines


def _as_dict(result: OmsResult) -> dict[str, Any]:
    return {
        "verified": True,
        "name": result.name,
        "root": str(result.root),
        "artifact": None if result.artifact is None else str(result.artifact),
        "files": result.files,
        "key": {"id": result.key.id, "algorithm": result.key.algorithm, "label": result.key.label},
        "ignored": list(result.ignored),
        "signed_at": None if result.signed_at is None else instant.render(result.signed_at),
    }


def _certificates(path: Path) -> tuple[str, ...]:
    """The PEM certificates in a file, root first."""
    end = "-----END CERTIFICATE-----"
    text = read_capped(path, 1 << 20).decode("ascii", "replace")
    found = tuple(part[part.find("-----BEGIN CERT") :] + end + "\n" for part in text.split(end)[:-1])
    if not found:
        raise InputError("no PEM certificate in this file", where=str(path))
    return found
