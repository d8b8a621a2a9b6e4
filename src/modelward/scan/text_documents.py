"""Documents among the texts: JSON, YAML, TOML, settings. What their fields and tags make a loader do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from posixpath import basename
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats import config, hidden_text, loose_json, mar, mlmodel, nemo, notebook, requirements
from modelward.formats.facts import EmbeddedCode, Malformed
from modelward.formats.source import Source
from modelward.scan.examination import Examination, Place, Reading

_COMMENT = regex(r'("(?:[^"\\\n]|\\.)*+")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_COMMA = regex(r'("(?:[^"\\\n]|\\.)*+")|,(?=\s*[}\]])')
_COMMANDS = (
    "onCreateCommand",
    "updateContentCommand",
    "postCreateCommand",
    "postStartCommand",
    "postAttachCommand",
)
#: What stands in YAML that calls something.
YAML_HINTS = ("_target_", "!!", "tag:yaml", "!new", "!apply")
#: What a table begins with in TOML, and in no other file that is called `.lock`.
_TABLE = re.compile(r"^[ \t]*\[\[?[^\]\n]+\]\]?[ \t]*(?:#.*)?\r?$", re.MULTILINE)


def read_json(source: Source, place: Place, examination: Examination) -> Reading | None:
    """A JSON document, or None where it only begins like one and is not called one."""
    reading = Reading("json")
    named = place.name.lower().endswith((".json", ".ipynb"))
    if source.size > strict_json.MAX_BYTES:
        if not named:
            return None
        reading.problem = f"it is over {strict_json.MAX_BYTES >> 20} MiB of JSON"
        return reading
    data = source.read(0, source.size).removeprefix(b"\xef\xbb\xbf")
    try:
        document, twice = loose_json.loads(data)
    except InputError as error:
        document, twice = _with_comments(data, place.name), []
        if document is None:
            if not named:
                return None
            reading.problem = error.message
            return reading
    for name in twice:
        reading.fact(Malformed("JSON", f"an object has two fields {name[:80]!r}"))
    notice(document, data, reading, place, examination)
    return reading


def _with_comments(data: bytes, name: str) -> Any:
    """JSON as editors write it, with comments and commas at the end."""
    if not name.lower().endswith((".json", ".jsonc", ".json5")):
        return None
    text = data.decode("utf-8", "replace")
    for pattern in (_COMMENT, _COMMA):
        text = pattern.sub(lambda found: found.group(1) or " ", text)
    try:
        return loose_json.loads(text.encode())[0]
    except InputError:
        return None


def notice(document: Any, data: bytes, reading: Reading, place: Place, examination: Examination) -> None:
    """Show what a JSON document holds to the rules."""
    from modelward.formats import graph_text, keras, mxnet, paddle_pir, skops
    from modelward.scan import keras_configuration

    if notebook.is_notebook(document):
        reading.format = "notebook"
        show(reading, notebook.findings(document))
        return
    show(reading, config.findings(document))
    if mar.is_manifest(place.name):
        show(reading, mar.findings(document, place.name, place.siblings))
    in_keras = place.name == "config.json" and place.depth > 0 and "metadata.json" in place.siblings
    if in_keras or keras.looks_like(document):
        keras_configuration.notice(document, reading, place, examination)
    elif place.name == "schema.json" or skops.looks_like(document):
        show(reading, skops.findings(document))
    if paddle_pir.is_program(document):
        reading.format = "PaddlePaddle"
        show(reading, paddle_pir.facts(document))
    if mxnet.is_symbol(document):
        reading.format = "MXNet"
        show(reading, mxnet.symbol_facts(document))
    if b"xternalData" in data:
        show(reading, graph_text.document_findings(document, place.name, place.siblings))
    if hidden_text.may_be_in(data):
        _hidden(document, reading)
    if (
        place.name.startswith((".vscode/", ".devcontainer"))
        or "/.vscode/" in place.name
        or "/.devcontainer" in place.name
    ):
        show(reading, _editor(document))
    if basename(place.name) == "package.json":
        show(reading, _installs(document))


def show(reading: Reading, facts: Iterable[Any]) -> None:
    """Show facts to the rules."""
    for fact in facts:
        reading.fact(fact)


def _hidden(document: Any, reading: Reading) -> None:
    """Characters that cannot be seen in any text of a document, but in lists of words."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, str):
            if not value.isascii() and "template" not in pointer:  # which is read by itself
                show(reading, hidden_text.findings(value, pointer))
        elif isinstance(value, dict):
            todo += [(f"{pointer}/{key}", item) for key, item in value.items() if key not in config.WORDS]
        elif isinstance(value, list):
            todo += [(pointer, item) for item in value]


def _editor(document: Any) -> Iterable[EmbeddedCode]:
    """Commands that an editor runs when the folder is opened."""
    from modelward.formats import shell

    if not isinstance(document, dict):
        return
    tasks = document.get("tasks")
    for task in tasks if isinstance(tasks, list) else ():
        options = task.get("runOptions") if isinstance(task, dict) else None
        if isinstance(options, dict) and options.get("runOn") == "folderOpen":
            command = " ".join([str(task.get("command", "")), *map(str, task.get("args") or ())])
            yield EmbeddedCode(
                "tasks", "a task that runs when the folder is opened", command[:160], shell.harm_of(command)
            )
    for key in _COMMANDS:
        for command in _commands(document.get(key)):
            if harm := shell.harm_of(command):
                yield EmbeddedCode(key, "a command of the container", command[:160], harm)
    for command in _commands(document.get("initializeCommand")):
        yield EmbeddedCode(
            "initializeCommand", "a command run on this machine", command[:160], shell.harm_of(command)
        )


def _installs(document: Any) -> Iterable[EmbeddedCode]:
    """Commands that npm runs when a package is installed."""
    from modelward.formats import shell

    scripts = document.get("scripts") if isinstance(document, dict) else None
    if not isinstance(scripts, dict):
        return
    for name in ("preinstall", "install", "postinstall", "prepare"):
        for command in _commands(scripts.get(name)):
            if harm := shell.harm_of(command):
                yield EmbeddedCode(f"scripts/{name}", "a command of the package", command[:160], harm)


def _commands(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield " ".join(map(str, value))
    elif isinstance(value, dict):
        for item in value.values():
            yield from _commands(item)


def read_yaml(text: str, place: Place, *, sure: bool = True) -> Reading | None:
    """YAML. Where it is not `sure` by its name, None if it is something else."""
    from modelward.formats import keras, yaml_config

    reading = Reading("YAML")
    document = yaml_config.read(text)
    show(reading, document.facts)
    if document.trouble:
        if not sure:
            return reading if document.facts else None
        template = "{{" in text or "{%" in text  # which YAML comes out of: it is no YAML yet
        if not template or any(hint in text for hint in YAML_HINTS):
            reading.problem = document.trouble
    base = basename(place.name).lower()
    for value in document.values:
        if keras.is_model(value):
            show(reading, (fact for fact in keras.findings(value) if not isinstance(fact, keras.Nested)))
        if mlmodel.is_mlmodel(value):
            reading.format = "MLmodel"
            show(reading, mlmodel.findings(value))
        show(reading, _without_flags(config.findings(value)))
        if base.endswith("model_config.yaml"):
            show(reading, nemo.findings(value))
        if isinstance(value, dict) and ("dependencies" in value or "channels" in value or "env" in base):
            show(reading, requirements.environment(value))
    return reading


def _without_flags(facts: Iterable[config.Fact]) -> Iterable[config.Fact]:
    """Settings of trainers and servers say `trust_remote_code` of other models: no loader reads them here."""
    for fact in facts:
        if isinstance(fact, config.CodeReference) and fact.pointer.endswith(
            ("/trust_remote_code", "/loader_module")
        ):
            continue
        yield fact


def read_toml(text: str, *, locked: bool = False) -> Reading:
    """TOML: packages and their sources, and names that are called. What is `locked` may be another format."""
    reading = Reading("TOML")
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        if locked and not _TABLE.search(text):
            return Reading("text")
        reading.problem = f"it is not TOML: {str(error)[:120]}"
        return reading
    show(reading, _without_flags(config.findings(document)))
    show(reading, requirements.project(document))
    return reading
