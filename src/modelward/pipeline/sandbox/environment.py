"""The environment of a confined command: a few harmless variables, and those named one by one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from modelward.attest.keys.file import PASSPHRASE_VARIABLE
from modelward.attest.keys.pkcs11 import PIN_VARIABLE
from modelward.core.errors import UsageError
from modelward.pipeline.secrets import refuse_secrets

#: Passed on if set. They say how to show text, not where anything is.
KEPT = ("PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_NUMERIC", "TERM", "COLUMNS", "LINES", "TZ")
#: What unlocks the signer's key must not reach the command (DESIGN section 4).
WITHHELD = (PASSPHRASE_VARIABLE, PIN_VARIABLE)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
#: Variables that make the loader run other code, before the command does anything.
_LOADER = re.compile(r"LD_|DYLD_|GCONV_PATH\Z")


def clean(private: str, given: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    """The whole environment. `private` is the directory that is home and temporary directory."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own = {"HOME": private, "TMPDIR": private, "USER": "step", "LOGNAME": "step"}
    return {**kept, **own, **given, **secrets}


def variables(given: Iterable[str]) -> dict[str, str]:
    """Read `--env NAME` (as it is here) and `--env NAME=VALUE`. They are recorded. Raises UsageError."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        found[_checked(name, "--env")] = value if equals else _value(name, "--env")
    refuse_secrets(list(found.values()), what="variable")
    return found


def secrets(names: Iterable[str]) -> dict[str, str]:
    """The values of `--secret NAME`. Only names are ever recorded. Raises UsageError."""
    return {_checked(name, "--secret"): _value(name, "--secret") for name in names}


def _checked(name: str, option: str) -> str:
    if not _NAME.match(name):
        raise UsageError(
            f"{option} {name!r}: not the name of a variable", help=f"for example {option} HF_TOKEN"
        )
    if name in WITHHELD:
        raise UsageError(f"{option} {name}: it unlocks your key", help="a step never needs it")
    if _LOADER.match(name):
        raise UsageError(
            f"{option} {name}: it makes programs load other code", help="declare code with --code"
        )
    return name


def _value(name: str, option: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise UsageError(f"{option} {name}: no such variable is set", help=f"export {name}, or leave it out")
    return value
