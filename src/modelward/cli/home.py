"""The user's own directory: keys, identity, and the registries they pinned.

`MODELWARD_HOME`, by default `~/.config/modelward`, holds `keys/NAME.pem`, `identity.toml` (name and default
signer), `roots.toml` (pinned registry identities) and `state/` (what verification remembers).
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelward.core import atomic
from modelward.core import home as user_home
from modelward.core.digest import Digest
from modelward.core.errors import Conflict, InputError, UsageError

if TYPE_CHECKING:
    from modelward.attest.keys.signer import Signer

HOME_VARIABLE = user_home.HOME_VARIABLE

#: A configuration file larger than this is something else.
MAX_CONFIG_BYTES = 1 << 20

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


@dataclass(frozen=True, slots=True)
class Home:
    """The user's own directory. Nothing in it is created until something is written."""

    directory: Path

    @classmethod
    def open(cls) -> Home:
        """The directory that MODELWARD_HOME names, or `~/.config/modelward`."""
        return cls(user_home.directory())

    @property
    def keys_directory(self) -> Path:
        """Where the user's key files lie."""
        return self.directory / "keys"

    @property
    def state_directory(self) -> Path:
        """Where verification keeps what it has seen, per registry."""
        return self.directory / "state"

    def key_path(self, name: str) -> Path:
        """Where the private key called `name` lies. Raises UsageError for an odd name."""
        return self.keys_directory / f"{checked_name(name)}.pem"

    @property
    def name(self) -> str | None:
        """The user's name in registries, if `modelward init` gave one. Raises InputError."""
        return self._identity().get("name")

    @property
    def signer_uri(self) -> str | None:
        """The default signer, with a relative `file:` made absolute; without one, the only key there is.

        Raises InputError.
        """
        uri = self._identity().get("signer")
        if uri is None:
            keys = list(self.keys_directory.glob("*.pem"))
            return f"file:{keys[0]}" if len(keys) == 1 else None
        if not uri.startswith("file:"):
            return uri
        return f"file:{self.directory / Path(uri.removeprefix('file:')).expanduser()}"

    def signer(self, uri: str | None = None) -> Signer:
        """Open the signer `uri`, or the default one; a passphrase is prompted for on a terminal.

        A bare name is that of a key in the keys directory, unless there is a file so named here.
        Raises UsageError if there is neither, InputError if it cannot be opened.
        """
        from modelward.attest.keys.signer import signer_from_uri

        chosen = uri or self.signer_uri
        if chosen is not None and _NAME.match(chosen) and not Path(chosen).exists():
            chosen = f"file:{self.key_path(chosen)}"
        if chosen is None:
            help = "modelward key new NAME makes one; where there are several, pass --key NAME"
            raise UsageError("no key to sign with", help=help)
        return signer_from_uri(chosen, prompt if sys.stdin.isatty() else None)

    def write_identity(self, name: str, signer_uri: str) -> None:
        """Make `name` and `signer_uri` the defaults. A key file in this directory is named relative to it."""
        checked_name(name)
        location = signer_uri.removeprefix("file:")
        if signer_uri.startswith("file:") and Path(location).is_relative_to(self.directory):
            signer_uri = f"file:{Path(location).relative_to(self.directory)}"
        self._write("identity.toml", {"name": name, "signer": signer_uri})

    def roots(self, file_name: str = "roots.toml") -> dict[str, Digest]:
        """Pinned registries: the name the user gave each -> its identity. Raises InputError."""
        return {name: Digest.parse(text) for name, text in self._read(file_name).items()}

    def pin(self, name: str, identity: Digest) -> None:
        """Remember a registry's identity. Raises Conflict if `name` is pinned to another one."""
        roots = self.roots()
        if roots.get(checked_name(name), identity) != identity:
            raise Conflict(
                f"{name} is pinned to {roots[name]}",
                where=str(self.directory / "roots.toml"),
                help="a registry's identity never changes; remove the line only if you know why",
            )
        self._write("roots.toml", {key: str(value) for key, value in (roots | {name: identity}).items()})

    def _identity(self) -> dict[str, str]:
        table = self._read("identity.toml")
        unknown = table.keys() - {"name", "signer"}
        if unknown:
            raise InputError(
                f"unknown setting {sorted(unknown)[0]!r}", where=str(self.directory / "identity.toml")
            )
        return table

    def _read(self, file_name: str) -> dict[str, str]:
        path = self.directory / file_name
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_CONFIG_BYTES + 1)
            table: dict[str, Any] = tomllib.loads(data[:MAX_CONFIG_BYTES].decode("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"cannot read settings: {error}", where=str(path)) from None
        if len(data) > MAX_CONFIG_BYTES or not all(isinstance(value, str) for value in table.values()):
            raise InputError("every setting is a string", where=str(path))
        return table

    def _write(self, file_name: str, table: dict[str, str]) -> None:
        lines = [f"{_toml_key(key)} = {_toml_string(value)}\n" for key, value in sorted(table.items())]
        atomic.write_bytes(self.directory / file_name, "".join(lines).encode("utf-8"))


def _toml_string(text: str) -> str:
    """A TOML basic string: a JSON string with DEL escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_string(key)


def checked_name(name: str) -> str:
    """`name` if it may name a key, a person or a registry. Raises UsageError."""
    if not _NAME.match(name):
        raise UsageError(
            f"not a name: {name!r}", help="letters, digits, dot, underscore and dash; at most 128 characters"
        )
    return name


def prompt(what: str) -> str:
    """Ask on the terminal for a secret, without showing it."""
    import click

    secret: str = click.prompt(what, hide_input=True, err=True)
    return secret
