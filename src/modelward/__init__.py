"""Supply-chain security for AI models, from training data to deployment.

`scan` examines a model before anything loads it. `load` and `verify` are what a serving host needs. A failure
is a `ModelwardError`: `Rejected` when the answer is no, `Stale` when a newer release bundle is needed.
Everything is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelward import data as data
    from modelward.core.errors import ModelwardError, Rejected, Stale
    from modelward.core.finding import Verdict
    from modelward.deploy.load import LoadedModel, load
    from modelward.deploy.release import verify
    from modelward.deploy.tensors import RawTensor
    from modelward.deploy.verify import Verified
    from modelward.scan.engine import Report, scan

__version__ = "0.1.0"

__all__ = [
    "LoadedModel",
    "ModelwardError",
    "RawTensor",
    "Rejected",
    "Report",
    "Stale",
    "Verdict",
    "Verified",
    "__version__",
    "load",
    "scan",
    "verify",
]

#: Public name -> the module that has it.
_HOME = {
    "LoadedModel": "modelward.deploy.load",
    "ModelwardError": "modelward.core.errors",
    "RawTensor": "modelward.deploy.tensors",
    "Rejected": "modelward.core.errors",
    "Report": "modelward.scan.engine",
    "Stale": "modelward.core.errors",
    "Verdict": "modelward.core.finding",
    "Verified": "modelward.deploy.verify",
    "load": "modelward.deploy.load",
    "scan": "modelward.scan",
    "verify": "modelward.deploy.release",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name == "data":  # a part with public names of its own: `modelward.data.step`
        from importlib import import_module

        return import_module("modelward.data")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_HOME[name])
    if name == "scan":  # the package itself can be called, and the import made it an attribute
        return module
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    """The public names, imported or not."""
    return sorted({*globals(), *__all__})
