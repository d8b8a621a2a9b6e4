"""skops: a zip archive whose schema.json is a tree of objects to make, each naming a class and how it is
made.

Its loader checks types against a list, and has had ways around it: an operator of another module
(CVE-2025-54412), attribute chains by method (CVE-2025-54413). What is on no list here is unverified.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelward.formats.facts import EmbeddedCode
from modelward.formats.pickle import sinks

#: Libraries whose classes are made without their constructors and given numbers and text.
_PACKAGES = (
    "sklearn", "numpy", "scipy", "xgboost", "lightgbm", "catboost", "quantile_forest", "imblearn",
    "sklearn_quantile", "pandas",
)  # fmt: skip
_BUILTINS_TEXT = (
    "bool bytearray bytes complex dict float frozenset int list map NoneType object range set slice str "
    "tuple type"
)
_BUILTINS = frozenset(_BUILTINS_TEXT.split())
_STANDARD_TEXT = (
    "collections.OrderedDict collections.defaultdict collections.Counter collections.deque functools.partial "
    "datetime.date datetime.datetime datetime.timedelta datetime.timezone datetime.time decimal.Decimal "
    "uuid.UUID zoneinfo.ZoneInfo pathlib.PosixPath pathlib.PurePosixPath operator.itemgetter"
)
_STANDARD = frozenset(_STANDARD_TEXT.split())
#: numpy's functions of numbers; scipy.special holds nothing else.
_UFUNCS_TEXT = (
    "abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_or "
    "bitwise_xor cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide equal exp exp2 expm1 "
    "fabs floor floor_divide fmax fmin fmod greater greater_equal heaviside hypot invert isfinite isinf "
    "isnan less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or "
    "logical_xor maximum minimum mod modf multiply negative nextafter not_equal positive power rad2deg "
    "radians reciprocal remainder rint sign signbit sin sinh spacing sqrt square subtract tan tanh "
    "true_divide trunc mean median std var sum prod min max amin amax argmin argmax nan_to_num clip round "
    "around"
)
_UFUNCS = frozenset(_UFUNCS_TEXT.split())
_FUNCTION_MODULES = ("sklearn.metrics", "sklearn.feature_selection", "scipy.special", "sklearn.covariance")
MAX_SHOWN = 160


def looks_like(document: Any) -> bool:
    """Whether a JSON document is a skops schema."""
    return isinstance(document, dict) and document.keys() >= {"__class__", "__module__", "__loader__"}


def findings(document: Any) -> Iterator[EmbeddedCode]:
    """Every node that makes the loader reach something beside data and known classes."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            if "__loader__" in value:
                yield from _node(pointer or "/", value)
            todo += [
                (f"{pointer}/{key}", item) for key, item in value.items() if isinstance(item, dict | list)
            ]
        elif isinstance(value, list):
            todo += [
                (f"{pointer}/{index}", item)
                for index, item in enumerate(value)
                if isinstance(item, dict | list)
            ]


def _node(where: str, node: dict[str, Any]) -> Iterator[EmbeddedCode]:
    loader, module, name = (str(node.get(key)) for key in ("__loader__", "__module__", "__class__"))
    content = node.get("content")
    fields = content if isinstance(content, dict) else {}
    if loader == "CachedNode":
        return
    if loader == "FunctionNode" and isinstance(fields.get("function"), str):
        # the protocol of before 0.6 kept the function's own module and name within
        module, name = str(fields.get("module_path", module)), str(fields["function"])
    if loader == "OperatorFuncNode" and module != "operator":
        yield _harm(where, loader, f"{module}.{name}", "calls any function under the name of an operator")
    elif loader == "MethodNode":
        yield from _method(where, module, name, fields)
    elif harm := sinks.effect(module, name):
        yield _harm(where, loader, f"{module}.{name}", harm)
    elif not _known(loader, module, name):
        yield EmbeddedCode(where, f"a {loader[:40]} of skops", f"{module}.{name}"[:MAX_SHOWN])
    if loader == "RandomGeneratorNode":
        yield from _generator(where, fields)


def _method(where: str, module: str, name: str, fields: dict[str, Any]) -> Iterator[EmbeddedCode]:
    """A method of an object, which is reached by `getattr`."""
    method, owner = str(fields.get("func")), fields.get("obj")
    expression = f"{module}.{name}.{method}"
    declared = (
        (owner.get("__module__"), owner.get("__class__")) if isinstance(owner, dict) else (module, name)
    )
    if method.startswith("__"):
        yield _harm(where, "MethodNode", expression, "reaches into the interpreter")
    elif declared != (module, name):
        yield _harm(where, "MethodNode", expression, "says that it belongs to another class than it does")
    elif harm := sinks.effect(module, f"{name}.{method}"):
        yield _harm(where, "MethodNode", expression, harm)
    elif not module.startswith("sklearn."):
        yield EmbeddedCode(where, "a method of skops", expression[:MAX_SHOWN])


def _known(loader: str, module: str, name: str) -> bool:
    if module == "builtins":
        return name in _BUILTINS
    if f"{module}.{name}" in _STANDARD:
        return True
    package = module.partition(".")[0]
    if package not in _PACKAGES or "." in name:
        return False
    if loader == "FunctionNode":
        return module.startswith(_FUNCTION_MODULES) or (package == "numpy" and name in _UFUNCS)
    if package == "numpy":
        return module.startswith(("numpy.random", "numpy.ma")) or module in ("numpy", "numpy.dtypes")
    return name.lstrip("_")[:1].isupper() or package == "scipy"


def _generator(where: str, fields: dict[str, Any]) -> Iterator[EmbeddedCode]:
    """The name of a bit generator is looked up in `numpy.random`."""
    state = fields.get("bit_generator")
    name = state.get("bit_generator") if isinstance(state, dict) else None
    if isinstance(name, str) and name not in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"):
        yield EmbeddedCode(where, "a random generator of skops", f"numpy.random.{name}"[:MAX_SHOWN])


def _harm(where: str, loader: str, expression: str, harm: str) -> EmbeddedCode:
    return EmbeddedCode(where, f"a {loader} of skops", expression[:MAX_SHOWN], harm)
