"""Which confinement a step gets: the best that the kernel allows, and no less than was asked for."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.confined import Confined
from modelward.pipeline.sandbox.job import Confinement, Options
from modelward.pipeline.sandbox.unconfined import Unconfined
from modelward.pipeline.sandbox.watched import Watched

#: What `--sandbox` takes.
CHOICES = ("auto", "require", "none")


def choose(wanted: str, options: Options | None = None) -> Confinement:
    """`auto` is the sandbox, or as much of it as the kernel allows; `require` is all of it or nothing.

    Raises InputError if it is required and cannot be had, or if `options` ask for what only it can give.
    """
    if wanted == "none":
        return _unconfined("no sandbox", options)
    found = facilities.probe()
    if found.enforcing:
        return Confined(found)
    if wanted != "require" and found.observer:
        return Confined(found) if found.namespaces else Watched(found)
    if wanted == "require":
        raise InputError(
            f"a step cannot be confined here: {found.missing}",
            help="docs/pipeline.md says what each part needs; --sandbox none runs it without, not enforced",
        )
    return _unconfined(f"no sandbox: {found.missing}", options)


def _unconfined(why: str, options: Options | None) -> Unconfined:
    """Options that close something are refused rather than ignored; those that open something are moot."""
    if options is not None and options.limits.amounts:
        raise InputError(
            f"limits need the sandbox, and there is none ({why})",
            help="leave --limit out, or use the sandbox",
        )
    return Unconfined(why)
