"""Scan rules, a file each; the docstring is the help page.

A rule's id is its file's name with dashes. The first line of the docstring is its title, the rest its
help. `CONSUMES` is the type of fact that it looks at, which some reader of `modelward.formats` makes;
`check` says what it found in one. To add a rule: write the file, add it to `_MODULES`, run `make docs`.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from modelward.core.finding import Rule
from modelward.scan.hits import Hit
from modelward.scan.rules import (
    archive_ambiguous,
    chat_template_condition,
    chat_template_escape,
    chat_template_unreadable,
    code_in_metadata,
    embedded_code,
    exhausting,
    harmful_code,
    hdf5_outside_data,
    header_overflow,
    hidden_text,
    malformed,
    onnx_custom_operation,
    onnx_external_data,
    path_escape,
    pickle_changes_global,
    pickle_holds_pickle,
    pickle_local_module,
    pickle_malformed,
    pickle_suspicious_argument,
    pickle_unexpected_use,
    pickle_unknown_global,
    pickle_unsafe_call,
    polyglot,
    python_acts_on_load,
    remote_code,
    remote_code_elsewhere,
    remote_fetch,
    safetensors_malformed,
    secret,
    tensorflow_custom_operation,
    tensorflow_file_access,
    tensorflow_unsafe_operation,
    torch_storage_mismatch,
    xml_entity_bomb,
    zip_ambiguous,
    zip_unsafe_member,
)

Check = Callable[[Any], Iterator[Hit]]

_MODULES: tuple[ModuleType, ...] = (
    pickle_unsafe_call,
    pickle_suspicious_argument,
    harmful_code,
    chat_template_escape,
    chat_template_condition,
    tensorflow_unsafe_operation,
    exhausting,
    onnx_external_data,
    path_escape,
    remote_fetch,
    header_overflow,
    xml_entity_bomb,
    pickle_changes_global,
    embedded_code,
    onnx_custom_operation,
    tensorflow_custom_operation,
    tensorflow_file_access,
    hdf5_outside_data,
    pickle_local_module,
    pickle_holds_pickle,
    pickle_unknown_global,
    pickle_unexpected_use,
    pickle_malformed,
    zip_ambiguous,
    archive_ambiguous,
    zip_unsafe_member,
    torch_storage_mismatch,
    safetensors_malformed,
    python_acts_on_load,
    remote_code_elsewhere,
    remote_code,
    chat_template_unreadable,
    hidden_text,
    polyglot,
    code_in_metadata,
    malformed,
    secret,
)


def _rule(module: ModuleType) -> Rule:
    title, _, help_text = inspect.cleandoc(module.__doc__ or "").partition("\n")
    identifier = module.__name__.rpartition(".")[2].replace("_", "-")
    return Rule(identifier, title, module.SEVERITY, help_text.strip())


#: Rule id -> rule, the gravest first.
RULES: dict[str, Rule] = {rule.id: rule for rule in map(_rule, _MODULES)}


def _checks() -> dict[type, list[tuple[Rule, Check]]]:
    found: defaultdict[type, list[tuple[Rule, Check]]] = defaultdict(list)
    for module, rule in zip(_MODULES, RULES.values(), strict=True):
        found[module.CONSUMES].append((rule, module.check))
    return dict(found)


#: Type of fact -> the rules that look at it.
CHECKS: dict[type, list[tuple[Rule, Check]]] = _checks()
