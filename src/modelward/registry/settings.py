"""A registry's own settings: its name and the signers of its infrastructure roles."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from modelward.attest.keys.signer import Signer, signer_from_uri
from modelward.core import atomic
from modelward.core.errors import InputError

ServiceRole = Literal["gate", "log", "status"]

ROLES: tuple[ServiceRole, ...] = ("gate", "log", "status")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of registry.toml. Signer URIs with a relative `file:` path start at the registry."""

    format: Literal["modelward-registry/v1"] = "modelward-registry/v1"
    name: str
    signers: dict[ServiceRole, str]

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Parse registry.toml. Raises InputError."""
        try:
            return msgspec.convert(tomllib.loads(path.read_text("utf-8")), cls)
        except FileNotFoundError:
            raise InputError(
                "there is no registry here", where=str(path.parent), help="modelward init DIRECTORY"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"not valid registry settings: {error}", where=str(path)) from error

    def write(self, path: Path) -> None:
        """Write registry.toml atomically."""
        lines = [f'format = "{self.format}"', f"name = {_quoted(self.name)}", "", "[signers]"]
        lines += [f"{role} = {_quoted(uri)}" for role, uri in sorted(self.signers.items())]
        atomic.write_bytes(path, ("\n".join(lines) + "\n").encode("utf-8"))

    def signer(self, role: ServiceRole, directory: Path) -> Signer:
        """Open the signer of a role. Raises InputError when it cannot be opened."""
        uri = self.signers.get(role)
        if uri is None:
            raise InputError(f"registry.toml names no signer for {role}", where=str(directory))
        scheme, _, rest = uri.partition(":")
        if scheme == "file" and not Path(rest).is_absolute():
            uri = f"file:{directory / rest}"
        return signer_from_uri(uri)


def _quoted(text: str) -> str:
    """A TOML basic string."""
    return msgspec.json.encode(text).decode("utf-8")
