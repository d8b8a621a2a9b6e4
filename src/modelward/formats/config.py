"""Configurations of a model: plain data, but for the fields by which some loader finds code to run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from modelward.core.regex import regex
from modelward.formats import targets
from modelward.formats.chat_template import TemplateFact
from modelward.formats.chat_template import findings as template_findings
from modelward.formats.chat_template_facts import TemplateEscape
from modelward.formats.facts import EmbeddedCode
from modelward.formats.metadata_code import MetadataCode, code_in
from modelward.formats.wordlist import words

#: Libraries that loaders name in a model's configuration.
_LIBRARIES = ("diffusers", "transformers", "sentence_transformers", "optimum", "torch", "onnxruntime")


class CodeReference(Struct, frozen=True):
    """A field that makes a loader import or run something: where (`/auto_map/AutoModel`), and its value.

    `elsewhere`: the code comes from another repository than the model.
    """

    pointer: str
    value: str
    effect: str
    elsewhere: bool = False


Fact = CodeReference | EmbeddedCode | MetadataCode | TemplateFact

#: Endings of the keys of templates, and how deep sets of them nest.
_TEMPLATES = ("template", "templates")
_TEMPLATE_DEPTH = 16
#: Keys whose values name functions, or are programs for somebody to run, by their last word.
_PROGRAM_KEY = regex(
    r"(?:^|[_-])(?:fn|func|function|hooks?|commands?|cmd|scripts?|callbacks?|loader|code|exec|eval|execute|run|payload|"
    r"on_?load|init|callable|handler|entry_?point)$",
    re.IGNORECASE,
)
_FUNCTION_KEY = regex(r"(?:fn|func|function|hooks?|callbacks?|callable|loader)$", re.IGNORECASE)
_RUNS_CODE = ("eval", "exec", "__import__", "compile")

#: Lists of words: no loader finds code in them, and they hold any text there is.
WORDS = frozenset(
    {"vocab", "merges", "added_tokens", "added_tokens_decoder", "id2label", "label2id", "vocabulary"}
)


#: Fields of these types alone name no code.
_NUMBERS = frozenset({int, float})
_PLAIN = frozenset({int, float, str})


def findings(document: Any) -> Iterator[Fact]:
    """Every field of a document that names or holds code, as deep as it lies."""
    todo: list[tuple[str, Any, bool]] = [("", document, False)]
    seen: set[int] = set()
    while todo:
        pointer, value, words = todo.pop()
        if id(value) in seen:  # an alias of YAML
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            if _NUMBERS.issuperset(map(type, value.values())):
                continue  # weights of words, by the million
            # Among words only what calls whatever it stands in: Hydra looks into every field.
            yield from _calls(pointer, value) if words else _object(pointer, value)
            items: Iterable[tuple[Any, Any]] = value.items()
        elif isinstance(value, list):
            items = enumerate(value)
        else:
            continue
        todo += [
            (f"{pointer}/{key}", item, words or key in WORDS)
            for key, item in items
            if isinstance(item, dict) or (isinstance(item, list) and not _PLAIN.issuperset(map(type, item)))
        ]


def _calls(pointer: str, fields: dict[str, Any]) -> Iterator[Fact]:
    for key in fields.keys() & _CALLED_KEYS.keys():
        if isinstance(fields[key], str):
            yield from called(f"{pointer}/{key}", fields[key], _CALLED_KEYS[key], fields)


def _object(pointer: str, fields: dict[str, Any]) -> Iterator[Fact]:
    keys = fields.keys()
    for key in keys & _CODE_KEYS.keys():
        if fields[key] not in (None, False, "", [], {}) and not _is_text(key, fields[key]):
            yield from _reference(f"{pointer}/{key}", fields[key], _CODE_KEYS[key])
    yield from _calls(pointer, fields)
    for key, partner in _CALLED_WITH.items():
        if (
            key in keys
            and keys & partner
            and isinstance(fields[key], str)
            and targets.NAME.fullmatch(fields[key])
        ):
            yield from called(f"{pointer}/{key}", fields[key], "a loader calls what it names", fields)
    for key, value in fields.items():
        if isinstance(value, str) and _PROGRAM_KEY.search(key):
            yield from _program(f"{pointer}/{key}", value)
    if "py/reduce" in keys:
        yield from _reduce(pointer, fields["py/reduce"])
    within = any(part.endswith(_TEMPLATES) for part in pointer.split("/"))
    for key in () if within else keys:
        if key.endswith(_TEMPLATES):
            yield from _templates(f"{pointer}/{key}", fields[key], chat=key.startswith("chat_template"))
    mapping = fields.get("auto_mapping")
    if isinstance(mapping, dict) and not _in_library(mapping.get("parent_library")):
        yield CodeReference(f"{pointer}/auto_mapping", _short(mapping), "peft imports the library it names")
    if "_class_name" in fields and "_diffusers_version" in fields:
        yield from _diffusers(pointer, fields)
    kind = fields.get("type")
    if {"idx", "name", "path"} <= keys and isinstance(kind, str) and not _in_library(kind):
        yield CodeReference(
            f"{pointer}/type", _short(kind), "sentence-transformers imports the class it names"
        )


def _program(pointer: str, value: str) -> Iterator[MetadataCode]:
    """A field for code that holds some, or the name of a function that nothing but harm is called for."""
    if code := code_in(pointer, value):
        yield code
        return
    named = targets.NAME.fullmatch(value) or (value in _RUNS_CODE and _FUNCTION_KEY.search(pointer))
    if named and (harm := targets.judge(value).harm):
        yield MetadataCode(pointer, value, harm)


def _is_text(key: str, value: Any) -> bool:
    """A description of a field where a field would stand (schemas, help texts)."""
    return key == "trust_remote_code" and value is not True


def _reference(pointer: str, value: Any, effect: str) -> Iterator[CodeReference]:
    elsewhere = "--" in repr(value)
    yield CodeReference(pointer, _short(value), effect, elsewhere=elsewhere)


def called(pointer: str, name: str, effect: str, fields: dict[str, Any]) -> Iterator[Fact]:
    """A name that is imported and called with the fields beside it."""
    if targets.is_indirect(name.strip()):
        named = next((fields[key] for key in ("path", "method", "_args_", "name") if key in fields), None)
        named = named[0] if isinstance(named, list) and named else named
        name = named if isinstance(named, str) and "." in named else name
        if targets.is_indirect(name):
            yield CodeReference(pointer, _short(name), effect)
            return
    if "${" in name:
        yield CodeReference(pointer, _short(name), effect)
        return
    target = targets.judge(name)
    if target.harm is not None:
        yield EmbeddedCode(pointer, "a configuration field", f"{pointer}: {_short(name)}", target.harm)
    elif not target.known:
        yield CodeReference(pointer, _short(name), effect)


def _reduce(pointer: str, value: Any) -> Iterator[Fact]:
    """jsonpickle: `"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]`."""
    first = value[0] if isinstance(value, list) and value else None
    name = (
        next((first[key] for key in ("py/function", "py/type") if key in first), None)
        if isinstance(first, dict)
        else None
    )
    if not isinstance(name, str):
        yield CodeReference(f"{pointer}/py/reduce", _short(value), "jsonpickle calls what it names")


def _templates(pointer: str, value: Any, *, chat: bool, depth: int = 0) -> Iterator[TemplateFact]:
    """A template, several by name, or one in lines. One that is not of a `chat` may be no Jinja at all."""
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if isinstance(value, str):
        for fact in template_findings(value, pointer):
            if chat or isinstance(fact, TemplateEscape):
                yield fact
    elif isinstance(value, dict | list) and depth < _TEMPLATE_DEPTH:
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _templates(f"{pointer}/{name}", item, chat=chat, depth=depth + 1)


def _diffusers(pointer: str, fields: dict[str, Any]) -> Iterator[CodeReference]:
    """model_index.json: `"unet": ["library", "ClassName"]`, and the pipeline's own class."""
    for key, value in fields.items():
        named = value if isinstance(value, list) and len(value) == 2 else None
        if key == "_class_name" and isinstance(value, list):
            yield CodeReference(f"{pointer}/{key}", _short(value), "diffusers runs the Python file it names")
        elif named and isinstance(named[0], str) and isinstance(named[1], str) and not _in_library(named[0]):
            yield CodeReference(f"{pointer}/{key}", _short(value), "diffusers imports the library it names")


def _in_library(name: Any) -> bool:
    if not isinstance(name, str):
        return False
    top = name.split(".")[0]
    return top in _LIBRARIES or (top in _PIPELINES and "." not in name)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else text[:119] + "…"


#: Modules within diffusers that a pipeline's index names without it.
_PIPELINES = words(
    "stable_diffusion flax_stable_diffusion kandinsky deepfloyd_if shap_e unidiffuser wuerstchen "
    "paint_by_example latent_diffusion "
    "stable_diffusion_xl pipelines flux controlnet ip_adapter stable_cascade audioldm2 "
    "blip_diffusion kolors"
)

_CODE_KEYS = {
    "auto_map": "transformers runs the Python file it names",
    "custom_pipelines": "transformers runs the Python file it names",
    "custom_pipeline": "diffusers runs the Python file it names",
    "custom_generate": "transformers runs the Python file it names",
    "trust_remote_code": "it asks the loader to run code that comes with the model",
    "custom_ops_library": "onnxruntime loads the native library it names",
}

#: A name under one of these is imported and called, whatever stands beside it.
_CALLED_KEYS = {
    "_target_": "Hydra calls what it names",
    "__target__": "a loader calls what it names",
    "_component_": "torchtune calls what it names",
    "()": "logging calls what it names",
    "loader_module": "MLflow imports the module it names",
    "py/object": "jsonpickle makes the object it names",
    "py/function": "jsonpickle reaches the function it names",
    "py/type": "jsonpickle imports the class it names",
    "py/mod": "jsonpickle imports the module it names",
    "py/repr": "jsonpickle evaluates it",
}

#: A name under one of these is called where one of the others stands beside it.
_CALLED_WITH = {
    "target": frozenset({"params"}),
    "class_path": frozenset({"init_args", "dict_kwargs"}),
    "class": frozenset({"formatter", "formatters", "stream", "args", "kwargs"}),
    "@class": frozenset({"@args", "@kwargs"}),
}
