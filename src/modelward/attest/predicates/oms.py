"""OpenSSF Model Signing v1.0: the files (or shards of files) of a model, by SHA-256.

The subject's digest is the SHA-256 over the concatenated resource digests. It does not cover the names, so
it never names an artifact of ours: see `attest.oms`, which compares every name and digest.
Source: https://github.com/ossf/model-signing-spec
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from modelward.attest.predicates.base import ForeignPredicate

OmsPath = Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


class OmsResource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file, or one shard `path:start:end`; a model that is a single file is called `.`."""

    name: OmsPath
    algorithm: Annotated[str, msgspec.Meta(max_length=64)]
    digest: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class OmsSerialization(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """How the files were hashed, and which paths were left out. `shard_size` may be a whole float."""

    method: Literal["files", "shards"]
    hash_type: Literal["sha256"]
    allow_symlinks: bool
    shard_size: Annotated[float, msgspec.Meta(ge=1, le=2**53)] | None = None
    ignore_paths: Annotated[tuple[OmsPath, ...], msgspec.Meta(max_length=10_000)] = ()


class OmsSignature(ForeignPredicate, frozen=True, kw_only=True, omit_defaults=True):
    """A model signature. Subject: the model's OMS root, under the base name of its directory."""

    TYPE: ClassVar[str] = "https://model_signing/signature/v1.0"

    serialization: OmsSerialization
    resources: tuple[OmsResource, ...]
