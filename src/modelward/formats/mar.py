"""Archives of TorchServe: models (`MAR-INF/MANIFEST.json`) and workflows (`WAR-INF/MANIFEST.json`).

The manifest names the handler, which the server imports, the weights, further files, and the packages it
installs. TorchServe unpacks the archive and joins these names to its folder as they stand (CVE-2023-48299 is
the same for the names of members, which are looked at where archives are).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname
from typing import Any

from modelward.formats.facts import EmbeddedCode, PathEscape
from modelward.formats.paths import escapes, is_url
from modelward.formats.wordlist import words

#: Handlers that are part of TorchServe.
_OWN_HANDLERS = words(
    "base_handler image_classifier image_segmenter object_detector text_classifier text_handler"
)
_FILES = ("handler", "modelFile", "serializedFile", "requirementsFile", "configFile", "specFile")


def is_manifest(name: str) -> bool:
    """Whether a file lies where TorchServe reads the manifest."""
    return name.upper().endswith(("MAR-INF/MANIFEST.JSON", "WAR-INF/MANIFEST.JSON"))


def findings(document: Any, name: str, siblings: frozenset[str]) -> Iterator[EmbeddedCode | PathEscape]:
    """What a manifest makes the server read or run; `name` is its own, `siblings` all names beside it."""
    model = document.get("model", document.get("workflow")) if isinstance(document, dict) else None
    if not isinstance(model, dict):
        return
    for key in _FILES:
        if isinstance(model.get(key), str):
            yield from _file(key, model[key])
    extra = model.get("extraFiles")
    for path in extra.split(",") if isinstance(extra, str) else extra if isinstance(extra, list) else ():
        yield from _file("extraFiles", str(path))
    handler = model.get("handler")
    if isinstance(handler, str) and handler:
        yield from _handler(handler, dirname(dirname(name)), siblings)


def _file(key: str, path: str) -> Iterator[PathEscape]:
    path = path.strip()
    if path and (escapes(path) or is_url(path)):
        yield PathEscape(f"the manifest's {key}", path, "the server reads or runs a file there")


def _handler(handler: str, root: str, siblings: frozenset[str]) -> Iterator[EmbeddedCode]:
    """`file.py`, `file.py:function`, `module:function`, or the name of a handler of TorchServe."""
    module = handler.split(":", 1)[0].replace("\\", "/").removesuffix(".py")
    if module in _OWN_HANDLERS or escapes(handler):
        return
    path = "/".join(part for part in (root, module.replace(".", "/")) if part)
    if not {f"{path}.py", f"{path}/__init__.py"} & siblings and siblings:
        yield EmbeddedCode("the manifest", "a handler that is not in the archive", handler[:160])
