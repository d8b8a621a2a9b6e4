"""Where a registry in a directory keeps its parts."""

from __future__ import annotations

import re
from pathlib import Path

from modelward.core.digest import Digest
from modelward.core.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


class Layout:
    """The paths of a registry directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = directory / "registry.toml"
        self.database = directory / "registry.db"
        self.lock = directory / "registry.lock"
        self.trust = directory / "trust"
        self.policies = directory / "policies"
        self.log = directory / "log"
        self.blobs = directory / "blobs"
        self.bundles = directory / "statements"
        self.keys = directory / "keys"
        self.releases = directory / "releases"
        self.status = directory / "status.json"
        self.kept_checkpoint = directory / "state" / "checkpoint"
        self.exported_sizes = directory / "state" / "exported-sizes"

    @property
    def exists(self) -> bool:
        """Whether a registry was made here."""
        return self.settings.is_file()

    def policy(self, digest: Digest) -> Path:
        """A gate policy by the SHA-256 of its bytes."""
        return self.policies / f"{digest.value}.toml"

    def bundle(self, statement: Digest, key: str) -> Path:
        """One signature over one statement."""
        return self.bundles / statement.value[:2] / statement.value / f"{key}.json"

    def release(self, model: str, stage: str) -> Path:
        """The release bundle of a stage as it is now."""
        for name in (model, stage):
            if not _NAME.match(name):
                raise InputError(f"not a model or stage name: {name!r}")
        return self.releases / model / f"{stage}.json"
