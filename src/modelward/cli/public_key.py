"""Public keys as people name them on the command line."""

from __future__ import annotations

from pathlib import Path

from modelward.attest.keys.public import ALGORITHMS, MAX_PEM_BYTES, PublicKey
from modelward.cli.home import Home
from modelward.core.errors import InputError


def read_capped(path: Path, max_bytes: int = MAX_PEM_BYTES) -> bytes:
    """The bytes of a small file. Raises InputError if it cannot be read or is larger than `max_bytes`."""
    try:
        with path.open("rb") as stream:
            data = stream.read(max_bytes + 1)
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror}", where=str(path)) from None
    if len(data) > max_bytes:
        raise InputError(f"larger than {max_bytes} bytes", where=str(path))
    return data


def read_public_file(path: Path, algorithms: tuple[str, ...] = ALGORITHMS) -> PublicKey:
    """The PEM public key in a file. Raises InputError."""
    data = read_capped(path)
    try:
        return PublicKey.from_pem(data, algorithms=algorithms)
    except InputError as error:
        raise InputError(error.message, where=str(path), help=error.help) from None


def load_public_key(key: str | None, algorithms: tuple[str, ...] = ALGORITHMS) -> PublicKey:
    """The public key that `key` names: a key in the keys directory, a public key file, or a signer's URI.

    None is the default signer. Raises InputError or UsageError.
    """
    from modelward.attest.keys.file import public_path

    home = Home.open()
    key = key or home.signer_uri
    if key is not None and key.startswith("file:"):
        beside = public_path(Path(key.removeprefix("file:")).expanduser())
        if beside.is_file():
            return read_public_file(beside, algorithms)
    if key is None or ":" in key:
        return home.signer(key).public
    named = home.keys_directory / f"{key}.pub"
    return read_public_file(named if "/" not in key and named.is_file() else Path(key), algorithms)
