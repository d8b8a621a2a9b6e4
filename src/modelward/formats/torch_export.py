"""Archives of torch.export (.pt2): a graph as JSON, its tensors, and what AOTInductor compiled of it.

Loading one runs more than its form promises (torch 2.13): the names of operators are looked up by attributes
from `torch` on, so that `torch.os.system` is one; expressions of sizes go through `sympy.sympify`, which
evaluates Python; guards are put into a function and run; some weights and all sample inputs are pickles; a
compiled model is a native library, or flags for a compiler that is then run.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode
from modelward.formats.pickle import sinks
from modelward.formats.python_source import harm_in, parse
from modelward.formats.torchscript import NAMESPACES, SINKS
from modelward.formats.wordlist import words

MAX_EXPRESSION = 20_000

#: What sympy and torch make of a size; `torch/utils/_sympy/functions.py`.
_FUNCTIONS = words(
    "abs Abs Add And BitwiseFn_bitwise_and BitwiseFn_bitwise_or bool BooleanFalse BooleanTrue ceil "
    "CeilDiv ceiling CeilToInt CleanDiv Dummy Eq Equality exp ExprCondPair Float float FloatPow "
    "FloatTrueDiv floor FloorDiv FloorToInt Ge GreaterThan Gt Half Identity int Integer IntTrueDiv "
    "IsNonOverlappingAndDenseIndicator Le LessThan log LShift Lt max Max min Min Mod ModularIndexing Mul "
    "Ne NegativeOne Not One OpaqueUnaryFn_acos OpaqueUnaryFn_asin OpaqueUnaryFn_asinh OpaqueUnaryFn_atan "
    "OpaqueUnaryFn_cos OpaqueUnaryFn_cosh OpaqueUnaryFn_exp OpaqueUnaryFn_log OpaqueUnaryFn_log2 "
    "OpaqueUnaryFn_sin OpaqueUnaryFn_sinh OpaqueUnaryFn_sqrt OpaqueUnaryFn_tan OpaqueUnaryFn_tanh Or "
    "Piecewise Pow PowByNatural PythonMod Rational Relational round RoundDecimal RoundToInt RShift sqrt "
    "StrictGreaterThan StrictLessThan Symbol ToFloat TruncToFloat TruncToInt Tuple Unequality Where Xor "
    "Zero"
)
_ARITHMETIC = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Constant, ast.Name, ast.Tuple,
    ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context, ast.Call, ast.IfExp,
)  # fmt: skip
#: What a guard asks of an input besides.
_GUARD_NAMES = words("L math torch isinstance type str len") | _FUNCTIONS
_GUARD_METHODS = words(
    "size stride storage_offset item dim shape dtype ndim sqrt log ceil floor sym_max sym_min sym_not "
    "sym_float sym_int sym_sqrt is_integer Tensor device type index requires_grad keys"
)

_PLAIN = regex(r"[A-Za-z_]\w*|-?\d+(\.\d+)?")
_TARGET = regex(r"(?:torch|_operator|math)\b|#")
_HARMLESS_TARGET = regex(
    r"_operator\.(?!attrgetter|methodcaller|itemgetter|call\b|setitem|delitem)\w+"
    r"|math\.\w+"
    r"|torch\.(?:sym_\w+|_sym_\w+|_check\w*|_constrain\w+|_assert\w*)"
    r"|torch\._higher_order_ops(?:\.\w+)+"
    r"|torch\._C\.(?:_set_grad_enabled|_set_deterministic\w*|_functorch\.\w+)"
    r"|torch\.amp\.autocast_mode\._(?:enter|exit)_autocast"
    r"|torch\._export\.\w+|torch\._dynamo\.\w+"
)
_OPS = regex(r"torch\.ops\.(\w+)\.(\w+)(?:\.\w+)?")
_SHELL = regex(r"[;|`\n]|\$\(|&&")


class Payloads(Struct, frozen=True):
    """Which members a configuration of weights or constants says are pickles, and which plain bytes."""

    pickled: frozenset[str]
    plain: frozenset[str]


def root_of(names: Sequence[str]) -> str | None:
    """The folder of an archive of torch.export, with its slash (or nothing), or None if it is not one."""
    known = set(names)
    for name in names:
        root = name[: name.find("/") + 1]
        for folder in {root, ""}:
            if folder + "serialized_exported_program.json" in known:
                return folder
            marked = folder + "archive_format" in known
            parts = (f"{folder}models/", f"{folder}data/aotinductor/", f"{folder}data/weights/")
            if name.startswith(parts[1]) or (marked and name.startswith(parts)):
                return folder
    return None


def payloads(document: Any) -> Payloads:
    """What a `*_config.json` says of the members beside it."""
    config = document.get("config") if isinstance(document, dict) else None
    pickled: set[str] = set()
    plain: set[str] = set()
    for entry in config.values() if isinstance(config, dict) else ():
        name = entry.get("path_name") if isinstance(entry, dict) else None
        if isinstance(name, str):
            (pickled if entry.get("use_pickle") is not False else plain).add(name)
    return Payloads(frozenset(pickled), frozenset(plain - pickled))


def judge_program(document: Any) -> Iterator[EmbeddedCode]:
    """What loading or running an exported program does beyond computing with torch's operators."""
    seen: set[tuple[str, str]] = set()  # a graph says the same many times
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        where, value = todo.pop()
        if isinstance(value, list):
            todo += [(f"{where}/{index}", item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            for key, item in value.items():
                place = f"{where}/{key}"
                if isinstance(item, str):
                    if key in _READ and (key, item) not in seen:
                        seen.add((key, item))
                        yield from _field(key, item, place)
                elif key == "guards_code" and isinstance(item, list):
                    for guard in item:
                        yield from _expression(str(guard), place, guard=True)
                else:
                    todo.append((place, item))


def judge_flags(document: Any) -> Iterator[EmbeddedCode]:
    """Compiler flags of a compiled model, which its loader puts into a command line."""
    for text in _texts(document):
        if _SHELL.search(text):
            yield EmbeddedCode("the flags", "a compiler flag", text[:160], "runs a shell command")


def _texts(value: Any) -> Iterator[str]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            todo += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            todo += one


#: Fields that hold more than names and numbers.
_READ = ("target", "expr_str", "in_spec", "out_spec")


def _field(key: str, text: str, where: str) -> Iterator[EmbeddedCode]:
    if key == "target":
        yield from _target(text, where)
    elif key == "expr_str":
        yield from _expression(text, where)
    elif "__enum__" in text:
        yield from _enumerations(text, where)


def _target(target: str, where: str) -> Iterator[EmbeddedCode]:
    """A name that the loader looks up, and the graph calls."""
    found = _OPS.fullmatch(target)
    if found and found[2] in SINKS:
        yield EmbeddedCode(where, "an operator of the graph", target, SINKS[found[2]])
    elif found:
        if found[1] not in NAMESPACES:
            yield EmbeddedCode(where, "an operation of a native library", target)
        return
    if found or not _TARGET.match(target) or _HARMLESS_TARGET.fullmatch(target):
        return  # or it is not looked up at all: a method's name
    module, _, name = target.partition(".")
    effect = sinks.effect("operator" if module == "_operator" else module, name)
    yield EmbeddedCode(where, "an operator of the graph", target, effect)


def _expression(text: str, where: str, *, guard: bool = False) -> Iterator[EmbeddedCode]:
    """A text that the loader evaluates: sizes by arithmetic, guards by questions to inputs."""
    if _PLAIN.fullmatch(text):
        return
    what = "a guard" if guard else "the expression of a size"
    try:
        if len(text) > MAX_EXPRESSION:
            raise InputError("it is too long")
        tree = parse(text)
    except InputError:
        yield EmbeddedCode(where, what, text[:160])
        return
    if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
        odd = _odd(tree.body[0].value, guard)
        if odd is None:
            return
    else:
        odd = True
    harm = harm_in(text)
    yield EmbeddedCode(where, what, text[:160], harm or ("is Python code, not a size" if odd else None))


def _odd(tree: ast.expr, guard: bool) -> bool | None:
    """None if an expression only computes; otherwise whether it reaches for more than unknown functions."""
    unknown = False
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if "__" in node.id:
                return True
            known = _GUARD_NAMES if guard else _FUNCTIONS
            unknown |= id(node) in called and node.id not in known
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str | bytes) and not guard and not _is_word(node.value):
                return True
        elif guard and isinstance(node, ast.Attribute):
            if node.attr.startswith("_"):
                return True
            unknown |= node.attr not in _GUARD_METHODS
        elif not isinstance(node, (*_ARITHMETIC, *((ast.Subscript, ast.List) if guard else ()))):
            return True
    return False if unknown else None


def _is_word(value: str | bytes) -> bool:
    """The name of a symbol, or a number in quotes: `Symbol('s0', integer=True)`, `Float('0.5')`."""
    return isinstance(value, str) and re.fullmatch(r"[\w.+-]{1,100}", value) is not None


def _enumerations(text: str, where: str) -> Iterator[EmbeddedCode]:
    """A tree's specification imports the module of an enumeration by its name."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    for inner in _texts(document):
        module, colon, _name = inner.partition(":")
        if colon and re.fullmatch(r"[A-Za-z_][\w.]*", module) and module.partition(".")[0] != "torch":
            yield EmbeddedCode(where, "a class imported by its name", inner[:160])
