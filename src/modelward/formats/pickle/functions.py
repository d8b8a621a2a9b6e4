"""Functions and classes that a pickle brings along: cloudpickle's, dill's, and Python's own code objects.

A pickle of a lambda holds its compiled code. Making the function runs none of it, and most such files are
honest; so the names that the code uses are looked at, and calling what was made is always an attack.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from modelward.core.regex import regex
from modelward.formats.pickle import gadgets, sinks
from modelward.formats.pickle.evidence import suspicious
from modelward.formats.pickle.values import Container, Global, Made, Value
from modelward.formats.wordlist import words

MAX_NAMES = 4000

_CLOUD = words(
    """
    cloudpickle cloudpickle.cloudpickle cloudpickle.cloudpickle_fast
    joblib.externals.cloudpickle.cloudpickle joblib.externals.cloudpickle.cloudpickle_fast
    joblib.externals.loky.cloudpickle_wrapper pyspark.cloudpickle pyspark.cloudpickle.cloudpickle
    pyspark.cloudpickle.cloudpickle_fast pyspark.serializers ray.cloudpickle.cloudpickle
    ray.cloudpickle.cloudpickle_fast srsly.cloudpickle.cloudpickle
    """
)
_DILL = words("dill dill._dill dill.dill multiprocess")
#: What builds functions, classes and cells, and runs nothing.
_BUILDERS = words(
    """
    _builtin_type _cell_set _class_setstate _create_array _create_cell _create_code _create_ftype
    _create_function _create_namedtuple _create_type _create_typevar _create_weakproxy _create_weakref
    _decompose_typevar _empty_cell_value _fill_function _function_getattr _function_getnewargs
    _function_setstate _gen_ellipsis _gen_not_implemented _get_attr _load_type _make_cell
    _make_dict_items _make_dict_keys _make_dict_values _make_empty_cell _make_function _make_skel_func
    _make_skeleton_class _make_skeleton_enum _make_typevar _reconstruct_wrapper
    _rehydrate_skeleton_class _setitems _update_function
    """
)
_IMPORTERS = words("subimport dynamic_subimport _import_module")
_DESCRIPTOR = regex(r"<[a-z -]+ '\w+' of '[\w.]+' objects>")
_CODE = words("CodeType code _create_code")
#: Modules that functions of honest models use too.
_USUAL = words(
    "os sys re time math json copy random glob tempfile shutil threading logging io collections itertools"
)


def judged(callee: Global, arguments: Value) -> tuple[bool, str] | None:
    """Whether a call of one of these libraries harms, and why, or None if it is no such call."""
    module, name = callee.canonical
    if (module, name) == ("builtins", "setattr") and _names_class(arguments):
        return False, "it names a class that the file brings along"
    ours = module in _CLOUD or module in _DILL
    if not ours:
        return None
    if name in _IMPORTERS:
        return _import(arguments)
    if name == "_getattr":  # dill's own, which evaluates what its last argument names
        return _descriptor(arguments)
    if name not in _BUILDERS:
        return None
    if name == "_create_code":
        return _code(arguments)
    if name == "_get_attr" and (what := _attribute(arguments)):
        return True, what
    return False, "it puts a function or class together that the file brings along"


def _descriptor(arguments: Value) -> tuple[bool, str]:
    """What dill's `_getattr(class, name, repr)` does: `repr` is `<attribute 'real' of 'int' objects>`."""
    items = arguments.items if isinstance(arguments, Container) else []
    plain = len(items) == 3 and isinstance(items[1], str) and items[1].isidentifier()
    if plain and isinstance(items[2], str) and _DESCRIPTOR.fullmatch(items[2]):
        return False, "it fetches an attribute of a class"
    return True, "runs Python code"


def _names_class(arguments: Value) -> bool:
    """Whether these are the arguments of dill's `setattr(class, '__qualname__', name)`, of its own class."""
    items = arguments.items if isinstance(arguments, Container) else []
    maker = items[0].callee if len(items) == 3 and isinstance(items[0], Made) else None
    return (
        isinstance(maker, Global)
        and maker.canonical[0] in _DILL
        and maker.name == "_create_type"
        and items[1] in ("__qualname__", "__module__")
        and isinstance(items[2], str)
    )


def called(callee: Made, arguments: Value) -> tuple[bool, str] | None:
    """The same of a call of what such a call returned."""
    maker = callee.callee
    if not isinstance(maker, Global):
        return None
    if sets_cells(callee.arguments) and maker.canonical == ("builtins", "getattr"):
        items = arguments.items if isinstance(arguments, Container) else []
        cell = items[0].callee if items and isinstance(items[0], Made) else None
        if (
            len(items) == 3
            and items[1] == "cell_contents"
            and isinstance(cell, Global)
            and cell.name == "_create_cell"
        ):
            return False, "it fills a variable of a function that the file brings along"
        return True, "calls what it reached by name"
    module, name = maker.canonical
    if name in ("_builtin_type", "_load_type") and (module in _CLOUD or module in _DILL):
        kind = _first(callee.arguments)
        if isinstance(kind, str) and kind in _CODE:
            return _code(arguments)
        return False, "it makes an instance of a type of Python's own"
    runs = name in ("_make_function", "_create_function", "_make_skel_func") and (
        module in _CLOUD or module in _DILL
    )
    if runs or (module, name) in (("types", "FunctionType"), ("types", "LambdaType")):
        return True, "runs code that the file brings along"
    if (module, name) in _CALLERS:
        return True, "calls what it reached by name"
    return None


def sets_cells(arguments: Value) -> bool:
    """Whether these are the arguments of dill's `getattr(dill._dill, '_setattr', setattr)`."""
    items = arguments.items if isinstance(arguments, Container) else []
    if len(items) != 3 or items[1] != "_setattr":
        return False
    owner, default = items[0], items[2]
    return (
        isinstance(owner, Global)
        and owner.canonical == ("dill", "_dill")
        and isinstance(default, Global)
        and default.canonical == ("builtins", "setattr")
    )


_CALLERS = {
    (module, name)
    for module in ("operator", "_operator", "functools", "_functools")
    for name in ("attrgetter", "getitem", "itemgetter", "methodcaller", "partial", "partialmethod")
}


def _import(arguments: Value) -> tuple[bool, str]:
    module = _first(arguments)
    if not isinstance(module, str):
        return True, "imports or reaches anything by name"
    what = None if module in _USUAL else sinks.effect(module, "")
    return (True, what) if what else (False, f"it imports the module {module[:100]}")


def _attribute(arguments: Value) -> str | None:
    items = arguments.items if isinstance(arguments, Container) else []
    name = items[1] if len(items) > 1 else None
    return gadgets.CALLED.get(name) if isinstance(name, str) else "imports or reaches anything by name"


def _code(arguments: Value) -> tuple[bool, str]:
    """What the names show that a code object uses: they are arguments of its constructor."""
    from modelward.formats import bytecode  # rarely needed

    names = set(islice(_names(arguments, 3), MAX_NAMES))
    what = bytecode.harm(names & _GRAVE)
    if what is None and names & _RUNS and (holders := names & _HOLDERS):
        what = bytecode.harm((names & _RUNS) | (holders - _USUAL))
    if what is None and names & _EVALUATORS:  # which are methods of models too
        texts: list[Value] = [name for name in names if not name.isidentifier()]
        what = (
            "runs Python code"
            if names & _DECODERS or suspicious(Container("tuple", texts[:16]), function=True)
            else None
        )
    if what:
        return True, f"brings along code that {what}"
    return False, "it brings along compiled code"


#: Names that no function of a model uses.
_GRAVE = words(
    "__import__ __subclasses__ __builtins__ execfile check_output getoutput forkpty execve execvp "
    "posix_spawn spawnv runpy CDLL"
)
#: Names that count together with the module that they are of.
_RUNS = words("Popen call check_call connect fork run popen system spawn urlopen urlretrieve rmtree loads")
_HOLDERS = words("os posix nt subprocess socket urllib shutil marshal pickle pty requests")
_EVALUATORS = words("eval exec compile")
_DECODERS = words("b64decode marshal decompress unhexlify fromhex")


def _names(value: Value, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Container) and depth:
        for item in value.items:
            yield from _names(item, depth - 1)


def _first(arguments: Value) -> Value:
    return arguments.items[0] if isinstance(arguments, Container) and arguments.items else None
