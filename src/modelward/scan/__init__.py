"""Examining artifacts: engine, rules, verdict.

The package can be called: `modelward.scan(path)` is `modelward.scan.engine.scan(path)` (docs/adr/0005).
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelward.scan.engine import Report, scan

__all__ = ["Report", "scan"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from modelward.scan import engine

    return getattr(engine, name)


class _Scan(ModuleType):
    """This package, which is also the public function of the same name."""

    def __call__(self, *arguments: Any, **options: Any) -> Report:
        """See `modelward.scan.engine.scan`."""
        from modelward.scan.engine import scan

        return scan(*arguments, **options)


sys.modules[__name__].__class__ = _Scan
