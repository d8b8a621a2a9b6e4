"""Datasets: snapshots by row, custody checked from digests, comparison.

`step` and `recording` make the custody of code that works on frames; imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelward.core.errors import MissingExtra

if TYPE_CHECKING:
    from modelward.data.recorder import Recording, recording, step

__all__ = ["Recording", "recording", "step"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from modelward.data import recorder
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "pyarrow"):
            raise
        raise MissingExtra("data", "work on datasets") from None
    return getattr(recorder, name)
