"""Signers by URI: a visible table of schemes, so that everything else stores only a URI."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from typing import Protocol

from modelward.attest.keys.public import PublicKey
from modelward.core.errors import InputError, UsageError

#: Asked with what it unlocks ("passphrase for alice.pem"), gives the secret: a prompt, usually.
Passphrase = Callable[[str], str]


class Signer(Protocol):
    """Something that holds a private key and signs with it."""

    @property
    def public(self) -> PublicKey:
        """The public half."""

    def sign(self, data: bytes) -> bytes:
        """Sign `data`: DER for ECDSA, 64 bytes for Ed25519."""


#: Scheme -> (module, function). The function takes (URI without its scheme, Passphrase | None) and
#: gives a Signer. A key management service is one line here and one file.
SCHEMES: dict[str, tuple[str, str]] = {
    "file": ("modelward.attest.keys.file", "open_signer"),
    "pkcs11": ("modelward.attest.keys.pkcs11", "open_signer"),
}

_SCHEME = re.compile(r"([a-z][a-z0-9+-]+):")


def signer_from_uri(uri: str, passphrase: Passphrase | None = None) -> Signer:
    """Open the signer that `uri` names; a bare path is a `file:`.

    A passphrase or PIN comes from MODELWARD_PASSPHRASE or MODELWARD_PIN, else from `passphrase`.
    Raises UsageError for an unknown scheme, InputError for a key that cannot be opened.
    """
    match = _SCHEME.match(uri)
    scheme, rest = (match[1], uri[match.end() :]) if match else ("file", uri)
    if scheme not in SCHEMES:
        raise UsageError(
            f"no signer for {scheme}: keys", help=f"use one of {', '.join(f'{s}:' for s in SCHEMES)}"
        )
    module, function = SCHEMES[scheme]
    opener: Callable[[str, Passphrase | None], Signer] = getattr(importlib.import_module(module), function)
    return opener(rest, passphrase)


def ask_secret(what: str, variable: str, ask: Passphrase | None) -> str:
    """The secret in the environment variable `variable`, else what `ask` gives. Raises InputError."""
    secret = os.environ.get(variable)
    if secret is None and ask is not None:
        secret = ask(what)
    if not secret:
        raise InputError(f"no {what}", help=f"set {variable}, or run this on a terminal")
    return secret
