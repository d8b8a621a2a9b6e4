"""What the artifact's own bytes tell: files and their roles, architecture, tensors, formats.

Odd content gives fewer facts, never an error: judging files is the scanner's work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from modelward.artifact.manifest import Entry, Manifest
from modelward.bom.model import Fact, Grade
from modelward.bom.tensors import Header, read_header
from modelward.core import strict_json
from modelward.core.errors import InputError
from modelward.formats.config import CodeReference, findings

MAX_CONFIG_BYTES = 4 << 20
_MAX_TEXT = 200

#: Role -> the file names that have it.
_ROLES: dict[str, tuple[str, ...]] = {
    "configuration": ("config.json", "generation_config.json", "preprocessor_config.json", "params.json"),
    "tokenizer": (
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "special_tokens_map.json",
        "added_tokens.json",
    ),
    "chat template": ("chat_template.jinja", "chat_template.json"),
    "adapter": ("adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"),
    "card": ("README.md", "model-card.toml"),
    "licence": ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "NOTICE"),
    "environment": ("requirements.txt", "environment.yml", "conda.yaml", "python_env.yaml", "MLmodel"),
}
#: Suffix of weights -> what the format is called, and whether loading it may run code.
_WEIGHTS: dict[str, tuple[str, bool]] = {
    ".safetensors": ("safetensors", False),
    ".gguf": ("gguf", False),
    ".npz": ("numpy", False),
    ".npy": ("numpy", False),
    ".onnx": ("onnx", False),
    ".tflite": ("tflite", False),
    ".h5": ("hdf5", True),
    ".keras": ("keras", True),
    ".pb": ("tensorflow", True),
    ".bin": ("pytorch", True),
    ".pt": ("pytorch", True),
    ".pth": ("pytorch", True),
    ".ckpt": ("pytorch", True),
    ".pkl": ("pickle", True),
    ".pickle": ("pickle", True),
    ".joblib": ("pickle", True),
    ".dill": ("pickle", True),
}


@dataclass(frozen=True, slots=True)
class Files:
    """The artifact's files: the manifest, and how to read one (None: it cannot be read).

    `read` returns a whole file, `head` its first bytes.
    """

    manifest: Manifest
    read: Callable[[str], bytes | None]
    head: Callable[[str, int], bytes | None]

    def small(self, name: str, limit: int) -> bytes | None:
        """A file of the manifest, if it is there and not over `limit` bytes."""
        entry = next((e for e in self.manifest.entries if e.name == name), None)
        if entry is None or (entry.size is not None and entry.size > limit):
            return None
        data = self.read(name)
        return data if data is not None and len(data) <= limit else None


def role_of(name: str) -> str:
    """What a file of the artifact is for, by its name: `weights`, `configuration`, … or an empty string."""
    path = PurePosixPath(name)
    for role, names in _ROLES.items():
        if path.name in names:
            return role
    return "weights" if path.suffix.lower() in _WEIGHTS else "code" if path.suffix == ".py" else ""


def observe(files: Files) -> list[Fact]:
    """Every fact that the bytes give, with the file it comes from."""
    entries = files.manifest.entries
    found = [
        _fact("MDL-08", {"algorithm": "SHA-256"}, "modelward"),
        _fact("MDL-16", {"roles": _by_role(entries)}, "modelward"),
    ]
    config = _json_object(files.small("config.json", MAX_CONFIG_BYTES))
    architecture = _architecture(config)
    if architecture:
        found.append(_fact("MDL-09", architecture, "file:config.json"))
    measured = _tensors(files)
    if measured:
        found.append(_fact("MDL-09", measured, "file:*.safetensors"))
    formats = {_WEIGHTS[suffix][0] for e in entries if (suffix := _suffix(e)) in _WEIGHTS}
    if formats:
        loading = {
            "formats": sorted(formats),
            "judgedBy": "file names",
            "mayRunCode": any(_WEIGHTS[suffix][1] for e in entries if (suffix := _suffix(e)) in _WEIGHTS),
            "remoteCode": any(isinstance(part, CodeReference) for part in findings(config)),
            "codeFiles": sum(1 for e in entries if _suffix(e) == ".py"),
        }
        found.append(_fact("MDL-17", loading, "modelward"))
    adapter = _json_object(files.small("adapter_config.json", MAX_CONFIG_BYTES))
    if adapter:
        found += _adapter(adapter)
    licences = [e.name for e in entries if role_of(e.name) == "licence"]
    if licences:
        found.append(_fact("MDL-12", {"files": licences}, f"file:{licences[0]}"))
    return found


def _fact(field: str, value: dict[str, Any], source: str) -> Fact:
    return Fact(field, value, Grade.OBSERVED, source)


def _suffix(entry: Entry) -> str:
    return PurePosixPath(entry.name).suffix.lower()


def _by_role(entries: Iterable[Entry]) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for entry in entries:
        roles.setdefault(role_of(entry.name) or "other", []).append(entry.name)
    return {role: names[:_MAX_TEXT] for role, names in sorted(roles.items())}


def _json_object(data: bytes | None) -> dict[str, Any]:
    if data is None:
        return {}
    try:
        value = strict_json.loads(data)
    except InputError:
        return {}
    return value if isinstance(value, dict) else {}


def _architecture(config: dict[str, Any]) -> dict[str, Any]:
    """What config.json says of the model; texts are cut, anything of an unexpected type is left out."""
    found: dict[str, Any] = {}
    named = config.get("architectures")
    if isinstance(named, list) and named and isinstance(named[0], str):
        found["architecture"] = named[0][:_MAX_TEXT]
    for key, called in (("model_type", "family"), ("torch_dtype", "precision"), ("dtype", "precision")):
        if isinstance(config.get(key), str) and config[key]:
            found[called] = config[key][:_MAX_TEXT]
    for key, called in (
        ("num_hidden_layers", "layers"),
        ("hidden_size", "hiddenSize"),
        ("vocab_size", "vocabulary"),
        ("max_position_embeddings", "context"),
    ):
        if isinstance(config.get(key), int) and not isinstance(config[key], bool):
            found[called] = config[key]
    quantisation = config.get("quantization_config")
    if isinstance(quantisation, dict):
        method = quantisation.get("quant_method")
        found["quantisation"] = method[:_MAX_TEXT] if isinstance(method, str) else "yes"
    return found


def _adapter(config: dict[str, Any]) -> list[Fact]:
    source = "file:adapter_config.json"
    kind = config.get("peft_type")
    what = f"adapter ({kind[:_MAX_TEXT]})" if isinstance(kind, str) and kind else "adapter"
    found = [_fact("MDL-15", {"derivation": what}, source)]
    base = config.get("base_model_name_or_path")
    if isinstance(base, str) and base:
        # The file is observed; which base it was made for is its writer's word.
        found.append(Fact("MDL-14", {"base_model": base[:_MAX_TEXT]}, Grade.DECLARED, source))
    return found


def _tensors(files: Files) -> dict[str, Any]:
    """Tensors and parameters of all safetensors files together, if each can be read."""
    names = [e.name for e in files.manifest.entries if e.name.endswith(".safetensors")]
    headers: list[Header] = []
    for name in names:
        header = read_header(partial(files.head, name))
        if header is None:
            return {}
        headers.append(header)
    if not headers:
        return {}
    types: dict[str, int] = {}
    for header in headers:
        for name, count in header.types.items():
            types[name] = types.get(name, 0) + count
    return {
        "tensors": sum(header.tensors for header in headers),
        "parameters": sum(header.parameters for header in headers),
        "types": dict(sorted(types.items())),
    }
