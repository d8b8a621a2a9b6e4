"""Examining artifacts: engine, rules, verdict. `from modelward.scan import scan` is the public entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelward.scan.engine import ScanResult, scan

__all__ = ["ScanResult", "scan"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from modelward.scan import engine

    return getattr(engine, name)
