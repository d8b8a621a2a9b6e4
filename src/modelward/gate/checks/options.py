"""What the options of checks are made of."""

from __future__ import annotations

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The options of one check in the policy file. Unknown ones are refused."""


class NoOptions(Options, frozen=True, kw_only=True):
    """A check without options."""
