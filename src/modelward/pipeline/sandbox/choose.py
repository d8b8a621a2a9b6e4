"""Which confinement a step gets: the sandbox where the kernel allows it, else what was asked for."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.pipeline.sandbox import facilities
from modelward.pipeline.sandbox.confined import Confined
from modelward.pipeline.sandbox.job import Confinement, Options
from modelward.pipeline.sandbox.unconfined import Unconfined

#: What `--sandbox` takes.
CHOICES = ("auto", "require", "none")


def choose(wanted: str, options: Options | None = None) -> Confinement:
    """`auto` is the sandbox, or none of it where the kernel refuses a part; `require` is it or nothing.

    Raises InputError if it is required and cannot be had, or if `options` ask for what only it can give.
    """
    if wanted == "none":
        return _unconfined("no sandbox", options)
    found = facilities.probe()
    if found.enforcing:
        return Confined(found)
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
