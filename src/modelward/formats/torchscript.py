"""TorchScript archives: pickled objects whose classes are code in the same archive, in a language of its own.

It can call the operators of torch and those that native libraries add, and nothing else: there is no import
and no attribute of Python. Among the operators are some that read and write files (`torch.save`,
`torch.from_file`). A name is an operator wherever it stands, in `torch.save(x, f)`, in `x.save(f)` and in
`getattr(x, "save")`, as `torch/csrc/jit/frontend` resolves it; so a text in which no such name stands is
harmless as it is, and only the others are read as trees.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode
from modelward.formats.pickle.reach import instance_class
from modelward.formats.pickle.values import Global, Value
from modelward.formats.python_source import judge_source, parse
from modelward.formats.torch import Checkpoint
from modelward.formats.wordlist import words

MAX_CODE_BYTES = 64 << 20
MAX_CALLS = 200  # told of one file

#: Operators of torch itself, and of the libraries that its models commonly use.
NAMESPACES = words(
    "aten prim prims quantized _quantized quantization quantized_decomposed prepacked mkldnn "
    "mkldnn_prepacked mkl mkl_prepacked onednn sparse inductor inductor_prims rngprims export "
    "higher_order profiler static_runtime xnnpack metal vulkan vulkan_prepack metal_prepack nnapi _nnapi "
    "cudnn onnx torch_scatter torch_sparse torch_cluster torch_spline_conv pyg torchvision torchaudio "
    "torchtext torchao fbgemm tensorrt torch_ipex detectron2 neuron coreml image video_reader "
    "debug_mode_ops _native torch_nested"
)

_FILE = "reads or writes a file of the machine"
#: Operators that reach files or the network, whatever namespace they are in.
SINKS = {
    "from_file": "maps a file of the machine into memory and may write to it",
    "save": "writes a file of the machine",
    "load_tensor": _FILE,
    "read_file": _FILE,
    "write_file": _FILE,
    "read_video_from_file": _FILE,
    "probe_video_from_file": _FILE,
    "sox_io_load_audio_file": _FILE,
    "sox_io_save_audio_file": _FILE,
    "sox_effects_apply_effects_file": _FILE,
    "rpc_async": "runs code on other machines",
    "rpc_remote": "runs code on other machines",
    "rpc_sync": "runs code on other machines",
}
_CALLED_BY_NAME = ("rpc_async", "rpc_remote", "rpc_sync")

_BUILDERS = words(
    "build_boollist build_doublelist build_intlist build_tensor_from_id build_tensorlist restore_type_tag"
)

_OPERATOR = regex(r"\bops\s*\.\s*(\w+)\s*\.\s*\w+|\bops\b")
_CLASS = regex(r"\b__torch__\s*\.\s*torch\s*\.\s*classes\s*\.\s*(\w+)")
_SINK = regex(rf"\b(?:{'|'.join(SINKS)})\b|\bgetattr\s*\([^)]*\\")
_DIRECT = regex(r"\b(?:torch|ops\s*\.\s*\w+)\s*\.\s*(save|from_file)\s*\(")
_PYTHON = regex(
    r"^\s*(?:import|from)\s|\b__import__\b|(?<!\.)\b(?:exec|eval|compile|open)\s*\(|\b(?:os|subprocess|sys|socket)\s*\.",
    re.MULTILINE,
)


def root_of(names: Sequence[str]) -> str | None:
    """The folder of a TorchScript archive, with its slash, or None if it is not one.

    torch takes an archive that has `constants.pkl` for one, and a phone one that has `bytecode.pkl`; older
    archives have `model.json`. The names count in whatever letters, as miniz finds them.
    """
    lower = {name.lower() for name in names}
    for name in names:
        root = name[: name.find("/") + 1]
        low = root.lower()
        if low + "constants.pkl" in lower or low + "bytecode.pkl" in lower:
            return root
        if low + "model.json" in lower and any(other.startswith(low + "code/") for other in lower):
            return root
    return None


class ScriptCheckpoint(Checkpoint):
    """A pickle in a TorchScript archive: it may make objects of the archive's classes, whose code is read."""

    def means(self, value: Value) -> bool:
        """See `Checkpoint.means`."""
        found = value if isinstance(value, Global) else instance_class(value)
        if found is None:
            return Checkpoint.means(self, value)
        if found.module == "torch.jit._pickle":
            return found.name in _BUILDERS
        return found.module.partition(".")[0] == "__torch__" and "." not in found.name


def judge_code(text: str, where: str) -> Iterator[EmbeddedCode]:
    """What a file of TorchScript does beyond computing. Raises InputError where that cannot be told."""
    if _PYTHON.search(text):
        yield from _as_python(text, where)
    for found in _CLASS.finditer(text):
        if found[1] not in NAMESPACES:
            yield EmbeddedCode(where, "a class of a native library", found[0])
    custom = any(found[1] not in NAMESPACES for found in _OPERATOR.finditer(text))
    if not custom and not _SINK.search(text):
        return
    try:
        tree = parse(text)
    except InputError:
        for direct in _DIRECT.finditer(text):
            yield EmbeddedCode(where, "TorchScript code", direct[0], SINKS[direct[1]])
        raise
    yield from islice(_calls(tree, text, where), MAX_CALLS)


def _as_python(text: str, where: str) -> Iterator[EmbeddedCode]:
    """Harm that the same text does if it is run as Python: no TorchScript has such names."""
    try:
        for use in judge_source(text):
            if use.harm is not None:
                yield EmbeddedCode(f"{where}, line {use.line}", "Python code", use.expression, use.harm)
    except InputError:
        return  # not Python: torch's own parser refuses it too, or it is read below


def _calls(tree: ast.Module, text: str, where: str) -> Iterator[EmbeddedCode]:
    lines = text.split("\n")
    nodes = list(ast.walk(tree))
    methods, fields, called, bases = set(), set(), set(), set()
    for node in nodes:
        if isinstance(node, ast.Attribute):
            bases.add(id(node.value))
        elif isinstance(node, ast.Call):
            called.add(id(node.func))
        elif isinstance(node, ast.FunctionDef):
            methods.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            fields.add(node.target.id)
    for node in nodes:
        use = _use(node)
        if use is None:
            continue
        owner, name = use
        place = f"{where}, line {getattr(node, 'lineno', 0)}"
        expression = _source(lines, node)
        mine = owner.partition(".")[0] not in ("torch", "ops") and (
            name in methods or (name in fields and id(node) not in called)
        )
        if name in SINKS and not mine:
            yield EmbeddedCode(place, "TorchScript code", expression, SINKS[name])
        elif name in SINKS and name in methods:
            yield EmbeddedCode(place, f"a call that may be of torch's own {name}", expression)
        elif owner == "ops" and name not in NAMESPACES:
            yield EmbeddedCode(place, "an operation of a native library", expression)
        elif name == "ops" and id(node) not in bases:
            yield EmbeddedCode(place, "TorchScript code that passes operators round", expression)


def _use(node: ast.AST) -> tuple[str, str] | None:
    """The dotted owner (as far as it is names) and the name that a node reads, or None."""
    if isinstance(node, ast.Attribute):
        return _dotted(node.value), node.attr
    if isinstance(node, ast.Name) and (node.id == "ops" or node.id in _CALLED_BY_NAME):
        return "torch", node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        name = node.args[1] if len(node.args) > 1 else None
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            return _dotted(node.args[0]), name.value
    return None


def _source(lines: list[str], node: ast.AST) -> str:
    """How the code of a node begins."""
    line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
    return lines[line - 1].encode()[column : column + 160].decode("utf-8", "replace")


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
