"""Software and hardware of a step, from what `modelward run` observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelward.bom.model import Component, Fact, Grade, Kind

MAX_PACKAGES = 5000

#: Packages that are shown as frameworks rather than libraries.
FRAMEWORKS = frozenset(
    (
        "accelerate",
        "catboost",
        "diffusers",
        "flax",
        "jax",
        "keras",
        "lightgbm",
        "lightning",
        "peft",
        "pytorch-lightning",
        "scikit-learn",
        "sentence-transformers",
        "tensorflow",
        "torch",
        "transformers",
        "trl",
        "vllm",
        "xgboost",
    )
)


def of_step(parameters: Mapping[str, Any], source: str) -> list[Component]:
    """A component for the interpreter, each package, and the machine."""
    found = [
        Component(
            f"package:{name}@{version}",
            Kind.PACKAGE,
            name,
            version,
            grade=Grade.ATTESTED,
            source=source,
            roles=("framework",) if name in FRAMEWORKS else (),
        )
        for name, version in sorted({**_packages(parameters), **_interpreter(parameters)}.items())
    ]
    machine = _table(parameters, "hardware")
    if machine:
        accelerators = machine.get("accelerators")
        named = [str(name) for name in accelerators] if isinstance(accelerators, list) else []
        found += [
            Component(f"device:{name}", Kind.DEVICE, name, grade=Grade.ATTESTED, source=source)
            for name in (str(machine.get("machine", "unknown")), *sorted(set(named)))
        ]
    return found


def facts(parameters: Mapping[str, Any], source: str) -> list[Fact]:
    """INF-01 if packages or interpreter are known, INF-02 if the machine is."""
    said = []
    packages, interpreter = _packages(parameters), _interpreter(parameters)
    if packages or interpreter:
        digest = parameters.get("packagesDigest")
        software = {"interpreter": interpreter, "packages": len(packages), "digest": str(digest or "")}
        said.append(Fact("INF-01", software, Grade.ATTESTED, source))
    hardware = _table(parameters, "hardware")
    if hardware:
        said.append(Fact("INF-02", hardware, Grade.ATTESTED, source))
    return said


def _packages(parameters: Mapping[str, Any]) -> dict[str, str]:
    listed = _table(parameters, "packages")
    return {
        name: version for name, version in list(listed.items())[:MAX_PACKAGES] if isinstance(version, str)
    }


def _interpreter(parameters: Mapping[str, Any]) -> dict[str, str]:
    table = _table(parameters, "interpreter")
    name, version = table.get("name"), table.get("version")
    return {name: version} if isinstance(name, str) and isinstance(version, str) else {}


def _table(parameters: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = parameters.get(key)
    return value if isinstance(value, dict) else {}
