"""OpenSSF Model Signing (OMS) v1.0: read and written as the reference package does, checked harder.

Its root digest does not bind names, so every name and digest is compared; only keys are accepted, never
certificates; nothing is left out of the check but the signature file itself and, if the caller allows it,
what the signed `ignore_paths` names. Source: https://github.com/ossf/model-signing-spec
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from modelward.artifact.hashing import hash_file, hash_tree
from modelward.artifact.names import check_name
from modelward.artifact.walk import walk
from modelward.attest.bundle import Bundle, sign_payload
from modelward.attest.keys.public import OMS_ALGORITHMS, PublicKey
from modelward.attest.keys.signer import Signer
from modelward.attest.predicates import OmsSignature
from modelward.attest.predicates.oms import OmsResource, OmsSerialization
from modelward.attest.statement import Statement
from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected, UsageError
from modelward.core.progress import Progress

#: How a file on disk compares with what was signed.
Outcome = Literal["same", "changed", "missing", "not signed"]

#: What OMS users expect a signature file to be called.
SIGNATURE_NAME = "model.sig"

#: The name of the one resource of a model that is a single file.
SINGLE_FILE = "."

#: How many names an error lists.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OmsResult:
    """What a valid OMS signature says about the files at a path.

    `root` is the OMS root, which does not bind names; `artifact` is our own digest of the checked files (None
    for a shard signature, which gives no file digests). `ignored` are existing files that the signer left
    out and the caller allowed: nobody vouches for them. `signed_at` is proven by a timestamp, else None.
    """

    name: str
    root: Digest
    artifact: Digest | None
    files: int
    key: PublicKey
    ignored: tuple[str, ...]
    signed_at: datetime | None


def sign_oms(
    path: Path,
    signer: Signer,
    *,
    signature_path: Path | None = None,
    ignore: Sequence[str] = (),
    timestamp: str | Callable[[bytes], bytes] | None = None,
    progress: Progress | None = None,
) -> Bundle:
    """Sign the model at `path`, a tree or one file.

    All files are signed but `signature_path` (where the signature will lie) and those at or under `ignore`
    (names relative to `path`); both are recorded. `timestamp` is a timestamp authority's URL or function.
    Raises UsageError for a key that OMS does not know, InputError for files that cannot be signed.
    """
    if signer.public.algorithm not in OMS_ALGORITHMS:
        raise UsageError(
            f"OMS signatures cannot be made with an {signer.public.algorithm} key",
            help="use an EC key: modelward key new NAME",
        )
    left_out = sorted({*_own(path, signature_path), *map(_checked, ignore)})
    digests, _ = _hashed(path, left_out, progress)
    resources = tuple(
        OmsResource(name=name, algorithm="sha256", digest=digests[name])
        for name in sorted(digests, key=lambda name: name.split("/"))  # the order the reference package has
    )
    predicate = OmsSignature(
        serialization=OmsSerialization(
            method="files",
            hash_type="sha256",
            allow_symlinks=_has_links(path, left_out),
            ignore_paths=tuple(left_out),
        ),
        resources=resources,
    )
    statement = Statement.of(path.resolve().name, oms_root(resources), predicate)
    return sign_payload(statement, statement.to_bytes(), signer, timestamp, key_id=signer.public.oms_hint)


def verify_oms(
    path: Path,
    bundle_bytes: bytes,
    public_keys: Sequence[PublicKey],
    *,
    signature_path: Path | None = None,
    allow_ignored: bool = False,
    authorities: Sequence[Sequence[str]] = (),
    progress: Progress | None = None,
) -> OmsResult:
    """Check that the files at `path` are exactly those that one of `public_keys` signed.

    1 the bundle is strict: v0.3, one signature, a key hint, no certificate; 2 the predicate is OMS v1.0;
    3 the key is one of the given ones and made the signature; 4 with `authorities` (as in `verify_token`), a
    timestamp proves when; 5 the root is that of the resources, and no resource is named twice or oddly;
    6 nothing exists under the signed `ignore_paths`, unless `allow_ignored`; 7 every name and digest is as
    signed, nothing is missing or extra. `signature_path` is where the bundle lies, if in the tree.
    Raises Rejected with the reason, InputError (UsageError without keys) if nothing can be said.
    """
    if not public_keys:
        raise UsageError("no public key to check the signature with", help="--key signer.pub")
    bundle = Bundle.from_bytes(bundle_bytes)
    statement = bundle.statement
    if statement.predicate_type != OmsSignature.TYPE:
        raise InputError(
            f"not an OMS v1.0 model signature but {statement.predicate_type}",
            help="sign again with a current tool; earlier forms are not accepted",
        )
    key = _named_key(bundle, public_keys)
    bundle.check_signature(key)
    signed_at = _signed_at(bundle, authorities)
    predicate = statement.typed(OmsSignature)
    if statement.subject != oms_root(predicate.resources):
        raise Rejected("the signed root is not that of the signed resources")

    own = _own(path, signature_path)
    left_out = [_checked(name) for name in predicate.serialization.ignore_paths]
    ignored = tuple(name for name in _existing(path, left_out) if name not in own)
    if ignored and not allow_ignored:
        raise Rejected(
            f"the signer left out files that exist: {_listed(ignored)}",
            where=str(path),
            help="remove them, or accept that nobody vouches for them: --allow-ignored",
        )
    outcome, artifact = _compare(path, predicate, [*own, *left_out], progress)
    _demand_equal(path, outcome)
    return OmsResult(statement.name, statement.subject, artifact, len(outcome), key, ignored, signed_at)


def oms_root(resources: Iterable[OmsResource]) -> Digest:
    """The SHA-256 over the concatenated raw digests, in the order given. Does not bind names."""
    return Digest.sha256(b"".join(bytes.fromhex(resource.digest) for resource in resources))


def _named_key(bundle: Bundle, public_keys: Sequence[PublicKey]) -> PublicKey:
    for key in public_keys:
        if bundle.key_id in (key.oms_hint, key.id):
            return key
    raise Rejected(
        "signed with another key than given",
        help=f"the signature names the key whose PEM has SHA-256 {bundle.key_id}",
    )


def _signed_at(bundle: Bundle, authorities: Sequence[Sequence[str]]) -> datetime | None:
    if not authorities:
        return None
    if not bundle.timestamps:
        raise Rejected("the signature carries no timestamp", help="sign with --timestamp URL")
    from modelward.attest.timestamp import verify_token

    return min(verify_token(token, bundle.signature, authorities) for token in bundle.timestamps)


def _compare(
    path: Path, predicate: OmsSignature, left_out: Sequence[str], progress: Progress | None
) -> tuple[dict[str, Outcome], Digest | None]:
    """How each signed and each existing file is, and our own digest of the existing ones."""
    if predicate.serialization.method == "shards":
        from modelward.attest.oms_shards import check_shards, signed_shards

        shards = signed_shards(predicate)
        _check_names(path, shards)
        return check_shards(path, shards, ignore=left_out, progress=progress), None
    signed = _signed_files(predicate)
    _check_names(path, signed)
    found, artifact = _hashed(path, left_out, progress)
    outcome: dict[str, Outcome] = dict.fromkeys(signed, "missing")
    for name, digest in found.items():
        outcome[name] = (
            "not signed" if name not in signed else "same" if signed[name] == digest else "changed"
        )
    return outcome, artifact


def _signed_files(predicate: OmsSignature) -> dict[str, str]:
    """File name -> signed hex SHA-256. Raises InputError for a repeated name or another algorithm."""
    if predicate.serialization.shard_size is not None:
        raise InputError("a signature by files has no shard_size")
    files: dict[str, str] = {}
    for resource in predicate.resources:
        if resource.algorithm != "sha256":
            raise InputError(f"{resource.name!r} is signed by {resource.algorithm}, not sha256")
        if resource.name in files:
            raise InputError(f"{resource.name!r} is signed twice")
        files[resource.name] = resource.digest
    return files


def _check_names(path: Path, signed: Collection[str]) -> None:
    """Refuse names that no tree may hold, and a tree's signature on a file or the other way round."""
    if not signed:
        raise Rejected("the signature covers no file")
    if not path.exists():
        raise InputError("no such file or directory", where=str(path))
    if SINGLE_FILE in signed:
        if len(signed) > 1:
            raise InputError("a signature over a single file names other files too")
    else:
        for name in signed:
            check_name(name)
    if path.is_dir() == (SINGLE_FILE in signed):
        was, found = ("a single file", "a directory") if path.is_dir() else ("a directory", "a single file")
        raise Rejected(f"{was} was signed, and this is {found}", where=str(path))


def _demand_equal(path: Path, outcome: dict[str, Outcome]) -> None:
    faults: dict[Outcome, list[str]] = {"changed": [], "missing": [], "not signed": []}
    for name, how in outcome.items():
        if how != "same":
            faults[how].append(name)
    if any(faults.values()):
        lines = [f"{fault}: {_listed(sorted(names))}" for fault, names in faults.items() if names]
        raise Rejected("\n".join(["not the files that were signed", *lines]), where=str(path))


def _hashed(path: Path, left_out: Sequence[str], progress: Progress | None) -> tuple[dict[str, str], Digest]:
    """File name -> hex SHA-256, and our own digest of the whole."""
    if path.is_dir():
        manifest = hash_tree(path, progress=progress, ignore=left_out)
        return {entry.name: entry.digest.value for entry in manifest.entries}, manifest.digest
    digest = hash_file(path)
    return {SINGLE_FILE: digest.value}, digest


def _own(path: Path, signature_path: Path | None) -> list[str]:
    """The signature file's own name in the tree at `path`, if it lies there."""
    if signature_path is None or not path.is_dir():
        return []
    place = signature_path.parent.resolve() / signature_path.name
    tree = path.resolve()
    return [place.relative_to(tree).as_posix()] if place.is_relative_to(tree) else []


def _checked(ignored: str) -> str:
    """An ignored path that leaves something to check: not the tree itself, nor anything outside."""
    try:
        check_name(ignored.rstrip("/"))
    except InputError as error:
        raise InputError(f"cannot ignore {ignored!r}: {error.message}") from None
    return ignored.rstrip("/")


def _existing(path: Path, ignored: Iterable[str]) -> list[str]:
    """The files that exist at or under `ignored` names; a few of each are enough."""
    if not path.is_dir():
        return []
    found: list[str] = []
    for name in ignored:
        place = path / name
        if place.is_dir() and not place.is_symlink():
            inside = (os.path.join(top, file) for top, _, files in os.walk(place) for file in files)
            found.extend(
                os.path.relpath(file, path) for file, _ in zip(inside, range(_SHOWN + 1), strict=False)
            )
        elif os.path.lexists(place):
            found.append(name)
    return sorted(found)


def _has_links(path: Path, left_out: Sequence[str]) -> bool:
    if not path.is_dir():
        return path.is_symlink()
    with walk(path, ignore=left_out) as tree:
        return any(file.path != os.fsencode(file.name) for file in tree.files)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
