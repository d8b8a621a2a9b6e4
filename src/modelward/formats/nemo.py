"""NeMo models (.nemo): a tar of `model_config.yaml`, weights, and files that this calls `nemo:NAME`.

Restoring one imports the class that `target` names, instantiates what `_target_` names (looked at where
configurations are), and opens every `nemo:` path joined to the folder it was unpacked in
(CVE-2025-23304, CVE-2025-23249; `nemo/core/connectors/save_restore_connector.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.paths import escapes
from modelward.formats.targets import NAME, judge

_SCHEME = "nemo:"


def findings(document: Any) -> Iterator[EmbeddedCode | PathEscape]:
    """What the configuration of a NeMo model makes restoring it read or import."""
    todo: list[tuple[str, Any]] = [("", document)]
    target = document.get("target") if isinstance(document, dict) else None
    if isinstance(target, str) and NAME.fullmatch(target):
        yield from _class(target)
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            todo += [(f"{pointer}/{key}", item) for key, item in value.items()]
        elif isinstance(value, list):
            todo += [(f"{pointer}/{index}", item) for index, item in enumerate(value)]
        elif isinstance(value, str) and value.startswith(_SCHEME) and escapes(value[len(_SCHEME) :]):
            yield PathEscape(f"the configuration's {pointer}", value, "restoring the model reads it")


def _class(target: str) -> Iterator[EmbeddedCode]:
    found = judge(target)
    if not found.known:
        what = "a class that restoring the model imports"
        yield EmbeddedCode("/target", what, target[:160], found.harm)
