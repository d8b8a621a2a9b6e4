"""The help pages of the checks for poisoned rows, from the docstrings of their files."""

from __future__ import annotations

import inspect

from modelward.data.checks.run import CHECKS, module

HEAD = """\
# The checks for poisoned rows

<!-- Written by `make docs` from src/modelward/data/checks; edit the code, not this page. -->

What [`modelward data check`](check.md) looks for; `modelward data check --explain CHECK` says the same. The
version of a check changes when it finds other things; statements name it, and a gate may ask for the newest.
"""


def page(name: str) -> str:
    """What a check looks for. Raises UsageError for one that there is not, MissingExtra."""
    found = module(name)
    return f"{name}, version {found.VERSION}\n\n{_text(name)}\n"


def manual() -> str:
    """docs/data/checks.md."""
    sections = [HEAD]
    for name in CHECKS:
        title, _, rest = _text(name).partition("\n")
        sections.append(
            f"## {name}\n\n**{title.rstrip('.')}.** Version {module(name).VERSION}.\n{rest.rstrip()}\n"
        )
    return "\n".join(sections)


def _text(name: str) -> str:
    """The docstring, without which nobody could know what a finding means. Raises LookupError."""
    text = inspect.cleandoc(module(name).__doc__ or "")
    if not text:
        raise LookupError(f"the check {name} has no docstring")
    return text
