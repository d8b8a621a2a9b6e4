"""Keras models as JSON: config.json of a `.keras` archive, or the attributes of an HDF5 file.

A model is a tree of objects, `{"class_name": ..., "config": ..., "module": ..., "registered_name": ...}`,
each of which makes Keras import something and call it. Releases before 3.11 import any module
(CVE-2025-1550) and call any function of Keras itself (CVE-2025-8747, CVE-2025-9906, CVE-2025-12060); the old
HDF5 format runs Lambda layers whatever `safe_mode` says (CVE-2024-3660, CVE-2025-9905).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from modelward.core.regex import regex
from modelward.formats import bytecode
from modelward.formats.facts import EmbeddedCode, Malformed, PathEscape, RemoteFetch
from modelward.formats.keras_names import CLASSES, FUNCTIONS
from modelward.formats.paths import is_url, leaves
from modelward.formats.pickle import sinks
from modelward.formats.tensorflow_effects import EFFECTS


class Nested(Struct, frozen=True):
    """Bytes within a configuration that loading it unpickles."""

    pointer: str
    data: bytes


Fact = EmbeddedCode | PathEscape | RemoteFetch | Malformed | Nested

#: Packages whose classes Keras finds by itself.
_LIBRARIES = (
    "keras",
    "tf_keras",
    "tensorflow",
    "keras_hub",
    "keras_nlp",
    "keras_cv",
    "keras_tuner",
    "keras_rs",
)
#: Parts of Keras whose functions compute; those of the others reach files, the network or its settings.
_COMPUTING = {
    "activations", "losses", "metrics", "initializers", "regularizers", "constraints", "ops", "layers",
    "optimizers", "random", "quantizers", "backend", "math", "nn", "linalg", "image", "dtype_policies",
}  # fmt: skip
_HARMFUL = {
    "get_file": "downloads a file and unpacks it anywhere",
    "enable_unsafe_deserialization": "switches the safety of loading off",
    "func_load": "runs Python code",
    "load_model": "loads another model",
    "model_from_json": "loads another model",
    "deserialize_keras_object": "loads another model",
    "TFSMLayer": "loads another model",
    **dict.fromkeys(
        ("load_weights", "save_weights", "save_model", "load_img", "save_img"), "reads or writes files"
    ),
    **dict.fromkeys(("extract_archive", "_extract_archive", "plot_model"), "reads or writes files"),
    **dict.fromkeys(
        [f"{kind}_dataset_from_directory" for kind in ("audio", "image", "text")], "reads or writes files"
    ),
}
#: Written by Keras for values that are not objects.
_VALUES = {
    "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__", "__tuple__", "__keras_tensor__",
    "TensorShape", "CompositeTensor",
}  # fmt: skip
_OBJECT = "an object of the configuration"
_TYPES = {
    "bool",
    "bytes",
    "complex",
    "dict",
    "float",
    "int",
    "list",
    "object",
    "set",
    "slice",
    "str",
    "tuple",
}
#: Packages by which models are commonly registered with Keras, besides those above.
_REGISTRANTS = {"Addons", "Vision", "Text", "KerasNLP", "KerasCV"}
#: Fields that hold a function's name, a module's name, or go with a download.
_FUNCTION_KEYS = {
    "fn",
    "function",
    "func",
    "callable",
    "call_fn",
    "init_fn",
    "loader",
    "activation",
    "initializer",
}
_MODULE_KEYS = {"fn_module", "function_module", "module_name"}
_DOWNLOAD_KEYS = {"fname", "extract", "untar", "cache_dir", "archive_format", "fn"}
_OPERATION = regex(r"""["']?\bop["']?\s*:\s*\\?["'](\w{1,80})""")
_LAMBDA_FIELDS = ("function", "output_shape", "mask")
_IDENTIFIER = regex(r"[A-Za-z_]\w*")
MAX_SHOWN = 120


def looks_like(document: Any) -> bool:
    """Whether a JSON document is, or directly holds, an object as Keras writes them."""
    if not isinstance(document, dict):
        return False
    if _is_object(document) or isinstance(document.get("class_name"), str):
        return True
    nested = document.get("config")
    layers = nested.get("layers") if isinstance(nested, dict) else None
    return bool(layers) or any(_is_object(value) for value in document.values())


def is_model(document: Any) -> bool:
    """Whether a document of another kind (YAML) is a model as Keras writes them."""
    return _is_object(document) and document["class_name"] in ("Sequential", "Functional", "Model")


def findings(document: Any) -> Iterator[Fact]:
    """Everything in a configuration that makes Keras run, fetch or read something of the writer's choice."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str):
                yield from _object(pointer, value)
            yield from _texts(pointer, value)
            todo += [
                (f"{pointer}/{key}", item) for key, item in value.items() if isinstance(item, dict | list)
            ]
        elif isinstance(value, list):
            todo += [
                (f"{pointer}/{index}", item)
                for index, item in enumerate(value)
                if isinstance(item, dict | list)
            ]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("class_name"), str) and "config" in value


def _object(pointer: str, fields: dict[str, Any]) -> Iterator[Fact]:
    name, config = fields["class_name"], fields.get("config")
    where = pointer or "the model"
    last = name.rpartition(".")[2]
    if name == "__lambda__":
        yield _function(where, "a function", config)
    elif name in _VALUES:
        return
    elif last == "Lambda":
        if name != last:
            yield from _reference(where, name, fields)
        yield from _lambda(where, config)
    else:
        if name == "function" and isinstance(config, str):
            name = config
        elif name == "__typespec__":
            name = str(fields.get("spec_name"))
        yield from _reference(where, name, fields)
        if isinstance(config, dict):
            yield from _known_class(where, last, config)


def _known_class(where: str, name: str, config: dict[str, Any]) -> Iterator[Fact]:
    """Classes of Keras whose own configuration reaches further."""
    if name == "TorchModuleWrapper":
        yield from _torch_module(where, config.get("module"))
    elif name == "TFSMLayer":
        yield from _outside(where, config.get("filepath"), "loads the SavedModel there")
    elif name in ("TFOpLambda", "SlicingOpLambda", "InstanceMethod", "ClassMethod"):
        function = str(config.get("function", config.get("symbol", config.get("method_name", ""))))
        operation = function.rpartition(".")[2]
        known = EFFECTS.get(operation) if function.startswith("raw_ops.") else None
        harm = known[0].value if known else bytecode.harm([operation])
        if harm:
            yield EmbeddedCode(where, "an operation of TensorFlow", function[:MAX_SHOWN], harm)
    elif name == "TensorFlowOpLayer":
        found = _OPERATION.search(str(config.get("node_def", "")))
        known = EFFECTS.get(found[1]) if found else None
        if found and known:
            yield EmbeddedCode(where, "an operation of TensorFlow", found[1], known[0].value)


def _lambda(where: str, config: Any) -> Iterator[Fact]:
    """A Lambda layer of any release: what its functions are."""
    fields = config if isinstance(config, dict) else {}
    seen = False
    for key in _LAMBDA_FIELDS:
        value = fields.get(key)
        if isinstance(value, dict):
            seen = True  # an object, which the walk comes to
            if not isinstance(value.get("class_name"), str):
                yield _function(f"{where}/{key}", "a Lambda layer", value)
        elif isinstance(value, list) and value and isinstance(value[0], str):
            seen = True
            yield _function(f"{where}/{key}", "a Lambda layer", value)
        elif isinstance(value, str) and value:
            seen = True
            yield _named(f"{where}/{key}", value, fields.get(f"{key}_type"), fields.get("module"))
    if not seen:
        yield EmbeddedCode(where, "a Lambda layer")
    arguments = fields.get("arguments")
    for key, value in arguments.items() if isinstance(arguments, dict) else ():
        if isinstance(value, str) and is_url(value):
            yield RemoteFetch(f"{where}/arguments/{key}", value, "a Lambda layer calls a function with it")
    module = fields.get("module")
    if isinstance(module, str) and (harm := sinks.effect(module, "*")):
        yield EmbeddedCode(where, "a Lambda layer", module[:MAX_SHOWN], harm)


def _named(where: str, value: str, kind: Any, module: Any) -> EmbeddedCode:
    """A function of a Lambda layer that is given as text: by its name, or as code."""
    if kind != "lambda" and _IDENTIFIER.fullmatch(value):
        found = sinks.effect(str(module or "builtins"), value) or _HARMFUL.get(value)
        return EmbeddedCode(where, "a Lambda layer", f"{module or ''}.{value}".lstrip("."), found)
    return _function(where, "a Lambda layer", value)


def _function(where: str, what: str, value: Any) -> EmbeddedCode:
    """A function as Keras dumps it: base64 of its marshalled code, in a list or an object."""
    code = value
    for _ in range(4):
        if isinstance(code, dict):
            code = code.get("code", code.get("value"))
        elif isinstance(code, list):
            code = code[0] if code else None
    if not isinstance(code, str):
        return EmbeddedCode(where, what)
    try:
        data = base64.b64decode(code.encode("ascii"))
    except (UnicodeEncodeError, binascii.Error):
        data = code.encode("raw_unicode_escape")
    shown, harm = bytecode.marshalled(data)
    if harm is None and not data.startswith((b"c", b"\xe3")):
        shown, harm = bytecode.marshalled(code.encode("utf-8", "replace"))
    return EmbeddedCode(where, what, shown, harm)


def _reference(where: str, name: str, fields: dict[str, Any]) -> Iterator[Fact]:
    """A class or function that Keras finds by module and name."""
    module, registered = fields.get("module"), fields.get("registered_name")
    module = module if isinstance(module, str) else ""
    registered = registered if isinstance(registered, str) else ""
    expression = f"{module}.{name}".lstrip(".")[:MAX_SHOWN]
    if harm := _sink(module, name, expression):
        yield EmbeddedCode(where, _OBJECT, expression, harm)
    elif module == "builtins" and fields["class_name"] != "function" and name not in _TYPES:
        yield EmbeddedCode(where, _OBJECT, expression, "reaches for Python's built-in functions")
    elif not _is_known(module, name, registered):
        yield EmbeddedCode(where, _OBJECT, f"{expression} {registered}".strip()[:MAX_SHOWN])


def _is_known(module: str, name: str, registered: str) -> bool:
    """Whether Keras has the class or function itself, so that no code from elsewhere is needed."""
    owner, _, last = name.rpartition(".")
    package = (module or owner).partition(".")[0]
    if package and package not in _LIBRARIES and (package != "builtins" or owner):
        return False
    if ">" in registered or "." in registered:
        registrant = re.split("[>.]", registered)[0]
        return registrant in _LIBRARIES or registrant in _REGISTRANTS
    known = last in CLASSES or last in FUNCTIONS
    if package not in ("keras", "tf_keras", "tensorflow"):
        return known or package in _LIBRARIES
    if last[:1].islower() and not known:
        return bool({*module.split(".")} & _COMPUTING)
    return known or not registered or registered == "function"


def _sink(module: str, name: str, expression: str) -> str | None:
    """What is harmful about a reference, if anything is."""
    last = name.rpartition(".")[2]
    if last in _HARMFUL and last != "TFSMLayer" and (not module or module.partition(".")[0] in _LIBRARIES):
        return _HARMFUL[last]
    if module.partition(".")[0] in _LIBRARIES and name[:1].islower():
        return bytecode.harm([last])
    if module:
        return sinks.effect(module, name)
    owner, _, last = expression.rpartition(".")
    return sinks.effect(owner, last) if owner else None


def _torch_module(where: str, encoded: Any) -> Iterator[Fact]:
    """CVE-2025-49655: a torch pickle, in base64, also as the object that Keras writes for bytes."""
    if isinstance(encoded, dict) and isinstance(held := encoded.get("config"), dict):
        encoded = held.get("value")
    try:
        data = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else b""
    except ValueError:
        data = b""
    if data:
        yield Nested(f"{where}/config/module", data)
    else:
        yield EmbeddedCode(where, "a torch module in a Keras model", str(encoded)[:MAX_SHOWN])


def _texts(pointer: str, fields: dict[str, Any]) -> Iterator[Fact]:
    """Fields of any object that name a function, a module, a file or an address."""
    where = pointer or "the model"
    for key, value in fields.items():
        if not isinstance(value, str):
            continue
        if key in _FUNCTION_KEYS or value.startswith(("keras.config.", "keras.utils.")):
            owner, _, last = value.rpartition(".")
            harm = _sink(owner, last, value) if owner else _HARMFUL.get(value)
            if harm:
                yield EmbeddedCode(f"{pointer}/{key}", _OBJECT, value[:MAX_SHOWN], harm)
        elif key in _MODULE_KEYS and value.partition(".")[0] not in (*_LIBRARIES, "__main__", "builtins"):
            yield EmbeddedCode(f"{pointer}/{key}", _OBJECT, value[:MAX_SHOWN], sinks.effect(value, "*"))
        elif key in ("vocabulary", "idf_weights"):  # CVE-2025-12058
            yield from _outside(f"{pointer}/{key}", value, "reads it while the model is loaded")
        elif key in ("origin", "url") and is_url(value) and _DOWNLOAD_KEYS & fields.keys():
            yield RemoteFetch(where, value, "Keras downloads it")
    for key in ("loss", "metrics", "weighted_metrics") if "loss" in fields or "metrics" in fields else ():
        yield from _training(f"{pointer}/{key}", fields.get(key))


def _training(where: str, value: Any) -> Iterator[Fact]:
    """Losses and metrics by name: one, or one for each output, in lists and objects."""
    todo = [value]
    while todo:
        found = todo.pop()
        if isinstance(found, str):
            if found not in FUNCTIONS and found not in CLASSES:
                yield EmbeddedCode(where, "a loss or metric of another package", found[:MAX_SHOWN])
        elif isinstance(found, list):
            todo += found
        elif isinstance(found, dict) and "class_name" not in found:
            todo += found.values()


def _outside(where: str, path: Any, effect: str) -> Iterator[Fact]:
    if not isinstance(path, str) or not path:
        return
    if is_url(path):
        yield RemoteFetch(where, path, f"Keras {effect}")
    elif leaves(path):
        yield PathEscape(where, path, f"Keras {effect}")
    else:
        yield Malformed(
            "Keras", f"{where} is the path {path[:MAX_SHOWN]!r}, which Keras reads from where it runs"
        )
