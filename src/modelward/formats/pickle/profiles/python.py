"""Python's own data: containers, numbers, dates, paths, patterns, enumerations, and functions kept as values.

Read: CPython 2.7, 3.6 to 3.14 (Lib and Modules), pytz 2026.6, python-dateutil 2.8.2. None of the
constructors runs code or opens files with what it is given, but for time zones, which are read by a name that
has no path in it. Some run through what they are given (`SyntaxError` makes a tuple of it), and others count
up to a number in a text: so there are no iterators but over containers of the file, ranges are given to
nobody, and numbers are short.
"""

from __future__ import annotations

from modelward.formats.pickle.contracts import (
    MAX_DIGITS,
    Contract,
    any_of,
    boolean,
    constants,
    container,
    data,
    either,
    empty,
    every,
    holds_tool,
    integer,
    made,
    made_by,
    matching,
    named,
    natural,
    nothing,
    number,
    number_text,
    one_of,
    pairs,
    plain_state,
    takes,
    text,
    tuple_items,
    value,
)
from modelward.formats.pickle.gadgets import CALLED
from modelward.formats.pickle.profiles.entry import KINDS, PLAIN, VALUE, Entry, profile
from modelward.formats.pickle.values import Container, Global, Value
from modelward.formats.wordlist import words

READ = "CPython 2.7, 3.6-3.14; pytz 2026.6; python-dateutil 2.8.2"

_NO_ARGUMENTS = takes()
_SEQUENCE = container("list", "tuple", "set", "frozenset")
_ZONE = matching(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,3}")
_TZINFO = any_of(nothing, made)
_BYTES = any_of(data, text)  # Python 2 wrote text
_FRACTION = rf"[-+]?\d{{1,{MAX_DIGITS}}}(/\d{{1,{MAX_DIGITS}}})?"  # with an exponent, it would be worked out
_LOGGER = matching(r".{0,200}")  # for each dot, one of all before it is made
_MAX_PARTS = 256
_MT19937_WORDS = 625

#: Functions that may be kept as a value, not called.
_FUNCTIONS = {
    "builtins": "abs all any ascii bin bool callable chr divmod enumerate filter format hash hex id "
    "isinstance issubclass iter len map max min next oct ord pow print repr reversed round sorted sum zip "
    "NotImplemented Ellipsis",
    "functools": "cmp_to_key lru_cache wraps",
    "math": "ceil cos degrees e exp fabs floor fmod hypot inf isinf isnan log log10 log1p log2 nan pi pow "
    "radians sin sqrt tan tanh trunc",
    "operator": "abs add and_ attrgetter concat contains countOf delitem eq floordiv ge getitem gt iadd "
    "index indexOf inv invert is_ is_not le lshift lt matmul mod mul ne neg not_ or_ pos pow rshift "
    "setitem sub truediv truth xor",
    "statistics": "fmean mean median mode pstdev pvariance stdev variance",
    "string": "capwords",
    "random": "betavariate choice gauss randint random randrange sample shuffle uniform",
    "itertools": "accumulate chain combinations cycle groupby islice permutations product repeat starmap "
    "takewhile zip_longest",
    "typing": "Any AnyStr Callable ClassVar Dict FrozenSet Generic Iterable Iterator List Literal Mapping "
    "NamedTuple Optional Sequence Set Tuple Type TypeVar Union",
    "abc": "ABC ABCMeta",
    "enum": "Enum EnumMeta EnumType Flag IntEnum IntFlag StrEnum",
    "numbers": "Complex Integral Number Rational Real",
    "dataclasses": "_MISSING_TYPE MISSING",
    "decimal": "Clamped DivisionByZero FloatOperation Inexact InvalidOperation Overflow Rounded Subnormal "
    "Underflow",
    "inspect": "_empty",
    "types": "BuiltinFunctionType EllipsisType FunctionType MethodType NoneType NotImplementedType",
    "time": "perf_counter time",
    "exceptions": "Exception KeyError ValueError",
}

_EXCEPTIONS = words(
    """
    ArithmeticError AssertionError AttributeError BaseException BufferError BytesWarning
    DeprecationWarning EOFError EnvironmentError Exception FileExistsError FileNotFoundError
    FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning IndexError
    InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
    ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError
    PendingDeprecationWarning PermissionError RecursionError ReferenceError ResourceWarning RuntimeError
    RuntimeWarning StopIteration SyntaxError SyntaxWarning SystemError TimeoutError TypeError
    UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeWarning UserWarning
    ValueError Warning ZeroDivisionError
    """
)

_ABSTRACT = words(
    """
    Callable Collection Container Generator Hashable ItemsView Iterable Iterator KeysView Mapping
    MutableMapping MutableSequence MutableSet Sequence Set Sized ValuesView
    """
)


def _attribute_names(arguments: Value) -> str | None:
    """`attrgetter` of plain names, none of them one that runs something."""
    for item in tuple_items(arguments) or [None]:
        if not (isinstance(item, str) and item.isidentifier()) or item.startswith("__") or item in CALLED:
            return "it reads a special attribute"
    return None


def _few(item: Value) -> bool:
    """The parts of a type: `Union` compares each with all others."""
    return container("tuple", "list")(item) and isinstance(item, Container) and len(item.items) <= _MAX_PARTS


def _generic(arguments: Value) -> str | None:
    """`getitem(typing.Union, types)`: what the types of annotations are written as."""
    first = (tuple_items(arguments) or [None])[0]
    if isinstance(first, Global) and first.module in ("typing", "builtins", "collections", "collections.abc"):
        return takes(value, any_of(value, constants, _few, made))(arguments)
    return "it takes a part of something that is no type"


#: What Python has of functions and classes that call nothing they are given.
_COMPUTES = words(
    "abs bool bytes complex dict divmod float frozenset int len list pow range round set str sum tuple"
)
_CALLING = words(
    "_collections_abc _functools _io _operator abc builtins collections.abc copyreg dataclasses enum "
    "functools inspect io itertools logging operator types typing"
)


def _applied(item: Value) -> bool:
    """What `partial` may hold: nothing that calls, or reaches by name, what it is given (`map`)."""
    if not isinstance(item, Global):
        return made(item)
    module, name = item.canonical
    return value(item) and (module not in _CALLING or name in _COMPUTES)


def _partial_state(state: Value, _made: Value) -> str | None:
    known = takes(_applied, container("tuple"), container("dict"), any_of(nothing, container("dict")))
    return known(state) or ("it hands on a function that reaches anything" if holds_tool(state) else None)


def _factory(item: Value) -> bool:
    """What makes the values of a `defaultdict`: a class, or one with arguments."""
    return item is None or value(item) or made_by("functools.partial", "_functools.partial")(item)


#: What exceptions, time zones and mappings of several are made of.
_ARGUMENT = any_of(constants, text, data, made, value, container("tuple", "list", "dict", "set", "frozenset"))


def _iterator_state(state: Value, _made: Value) -> str | None:
    return None if integer(state) else "its state is not a place in what it runs through"


def _random_state(state: Value, _made: Value) -> str | None:
    """(version, the words of the Mersenne twister and the place in them, the next Gaussian number)."""
    return takes(one_of(2, 3), _mersenne, any_of(nothing, number))(state)


def _mersenne(item: Value) -> bool:
    items = tuple_items(item)
    return items is not None and len(items) == _MT19937_WORDS and all(map(integer, items))


def _in_memory(content: Contract) -> Entry:
    """`io.BytesIO` and `io.StringIO`: content, position, attributes."""
    return Entry(
        call=either(_NO_ARGUMENTS, content), new=_NO_ARGUMENTS, state=lambda state, _: _file_state(state)
    )


def _file_state(state: Value) -> str | None:
    items = tuple_items(state)
    if items is None or len(items) not in (3, 4) or not (data(items[0]) or text(items[0])):
        return "its state is not that of a file in memory"
    if not all(map(constants, items[1:-1])):
        return "its state is not that of a file in memory"
    return plain_state(items[-1])


def _builtins() -> dict[str, Entry]:
    iterator = Entry(call=takes(any_of(_SEQUENCE, container("dict"), text)), state=_iterator_state)
    whole = either(_NO_ARGUMENTS, takes(any_of(_SEQUENCE, container("dict"))))
    return {
        "bool": Entry(call=takes(constants)),
        "bytearray": Entry(
            call=either(_NO_ARGUMENTS, takes(data), takes(text, one_of("latin-1", "latin1", "utf-8"))),
            new=either(_NO_ARGUMENTS, takes(data)),
        ),
        "bytes": Entry(call=either(_NO_ARGUMENTS, takes(data), takes(text, one_of("latin-1", "latin1")))),
        "complex": Entry(call=takes(number, number)),
        "dict": Entry(call=either(_NO_ARGUMENTS, takes(pairs), takes(container("dict"))), items=True),
        "float": Entry(call=takes(constants, optional=1)),
        "frozenset": Entry(call=whole),
        "getattr": Entry(value=False),
        "int": Entry(call=takes(any_of(number, number_text), optional=1)),
        "iter": iterator,
        "reversed": iterator,
        "list": Entry(call=whole, items=True),
        "object": Entry(call=_NO_ARGUMENTS, new=_NO_ARGUMENTS),
        "range": Entry(call=takes(integer, integer, integer, optional=2)),
        "xrange": Entry(call=takes(integer, integer, integer, optional=2)),
        "set": Entry(call=whole, items=True),
        "slice": Entry(call=takes(*[any_of(constants, made)] * 3)),
        "str": Entry(call=takes(any_of(constants, text), optional=1)),
        "tuple": Entry(call=whole),
        "type": Entry(call=takes(any_of(nothing, named("builtins.Ellipsis", "builtins.NotImplemented")))),
        "unicode": VALUE,
        "long": VALUE,
        **dict.fromkeys(_EXCEPTIONS, Entry(call=every(_ARGUMENT), new=every(_ARGUMENT), state=plain_state)),
    }


def _collections() -> dict[str, Entry]:
    mapping = KINDS["items"]
    return {
        "OrderedDict": Entry(call=either(_NO_ARGUMENTS, takes(pairs)), items=True, state=plain_state),
        "Counter": Entry(call=either(_NO_ARGUMENTS, takes(container("dict"))), items=True, state=plain_state),
        "defaultdict": Entry(call=takes(_factory, optional=1), items=True, state=plain_state),
        "deque": Entry(
            call=either(
                takes(empty("tuple", "list"), any_of(natural, nothing), optional=2), takes(container("list"))
            ),
            items=True,
            state=plain_state,
        ),
        "ChainMap": Entry(call=every(_ARGUMENT), new=_NO_ARGUMENTS, state=plain_state),
        **dict.fromkeys(("UserDict", "UserList", "UserString"), mapping),
    }


def _dates() -> dict[str, dict[str, Entry]]:
    zone = takes(_ZONE, boolean, optional=1)
    dates = {
        "date": Entry(call=takes(_BYTES)),
        "datetime": Entry(call=takes(_BYTES, _TZINFO, optional=1)),
        "time": Entry(call=takes(_BYTES, _TZINFO, optional=1)),
        "timedelta": Entry(call=takes(integer, integer, integer)),
        "timezone": Entry(call=takes(made, text, optional=1)),
    }
    pytz = Entry(
        call=either(_NO_ARGUMENTS, takes(_ZONE, constants, constants, any_of(text, nothing), optional=3))
    )
    dateutil = dict.fromkeys(
        words("tzlocal tzoffset tzutc tzrange"),
        Entry(call=every(_ARGUMENT), new=_NO_ARGUMENTS, state=plain_state),
    )
    return {
        "datetime": dates,
        "_datetime": dates,
        "zoneinfo": {"ZoneInfo": Entry(methods={"_unpickle": zone})},
        "pytz": {"_p": pytz, "_UTC": Entry(call=_NO_ARGUMENTS)},
        "pytz.tzinfo": {"unpickler": pytz},
        "dateutil.tz.tz": dateutil,
        "dateutil.relativedelta": {"relativedelta": PLAIN},
        "time": {"struct_time": Entry(call=takes(container("tuple"), container("dict"), optional=1))},
    }


def _numbers() -> dict[str, dict[str, Entry]]:
    address = Entry(call=takes(any_of(integer, matching(r"[0-9a-fA-F:./%]{1,64}"))))
    network = Entry(call=takes(any_of(matching(r"[0-9a-fA-F:./%]{1,64}"), made, container("tuple"))))
    return {
        "decimal": {"Decimal": Entry(call=takes(text)), "Context": Entry(call=every(_ARGUMENT))},
        "fractions": {"Fraction": Entry(call=either(takes(matching(_FRACTION)), takes(integer, integer)))},
        "uuid": {"UUID": PLAIN, "SafeUUID": KINDS["enum"]},
        "ipaddress": {
            **dict.fromkeys(("IPv4Address", "IPv6Address", "IPv4Interface", "IPv6Interface"), address),
            **dict.fromkeys(("IPv4Network", "IPv6Network"), network),
        },
        "random": {"Random": Entry(call=_NO_ARGUMENTS, new=_NO_ARGUMENTS, state=_random_state)},
        "statistics": {"NormalDist": PLAIN},
        "array": {
            "array": Entry(call=takes(matching("[a-zA-Z]"), any_of(container("list"), data, text))),
            "_array_reconstructor": Entry(
                call=takes(named("array.array"), matching("[a-zA-Z]"), natural, data), value=False
            ),
        },
    }


def _text() -> dict[str, dict[str, Entry]]:
    pattern = takes(any_of(text, data), any_of(integer, made))
    return {
        "_codecs": {"encode": Entry(call=takes(text, one_of("latin1", "latin-1"), optional=1), value=False)},
        "re": {
            "_compile": Entry(call=pattern, value=False),
            "compile": VALUE,
            "RegexFlag": KINDS["enum"],
            **dict.fromkeys(("sub", "split", "findall", "match", "search"), VALUE),
        },
        "string": {"Template": PLAIN, "Formatter": PLAIN},
        "http": {"HTTPStatus": KINDS["enum"]},
        "inspect": {"_ParameterKind": KINDS["enum"]},
        "logging": {"getLogger": Entry(call=takes(_LOGGER, optional=1), value=False)},
    }


def _machinery() -> dict[str, dict[str, Entry]]:
    """How Python writes instances, and callables that are put together and not called."""
    partial = Entry(call=takes(_applied), state=_partial_state)
    getter = Entry(call=every(any_of(constants, made)))
    attributes = Entry(call=_attribute_names)
    plain_path = Entry(call=every(text))
    return {
        "copyreg": dict.fromkeys(("_reconstructor", "__newobj__", "__newobj_ex__"), Entry(value=False)),
        "functools": {"partial": partial},
        "_functools": {"partial": partial},
        "operator": {"attrgetter": attributes, "getitem": Entry(call=_generic), "itemgetter": getter},
        "_operator": {"attrgetter": attributes, "getitem": Entry(call=_generic), "itemgetter": getter},
        "argparse": {"Namespace": Entry(call=_NO_ARGUMENTS, new=_NO_ARGUMENTS, state=plain_state)},
        "optparse": {"Values": Entry(call=_NO_ARGUMENTS, new=_NO_ARGUMENTS, state=plain_state)},
        "types": {"SimpleNamespace": Entry(call=_NO_ARGUMENTS, new=_NO_ARGUMENTS, state=plain_state)},
        "pathlib": dict.fromkeys(
            words("Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath"), plain_path
        ),
        "pathlib._local": dict.fromkeys(
            words("PosixPath PurePosixPath PureWindowsPath WindowsPath"), plain_path
        ),
        "_io": {"BytesIO": _in_memory(takes(data)), "StringIO": _in_memory(takes(text, optional=1))},
        "io": {"BytesIO": _in_memory(takes(data)), "StringIO": _in_memory(takes(text, optional=1))},
    }


def _entries() -> dict[str, dict[str, Entry]]:
    found = {module: dict.fromkeys(names.split(), VALUE) for module, names in _FUNCTIONS.items()}
    found["_operator"] = dict(found["operator"])
    found["collections.abc"] = found["_collections_abc"] = dict.fromkeys(_ABSTRACT, VALUE)
    collections = _collections()
    for tables in (
        {"builtins": _builtins(), "collections": collections, "_collections": collections},
        _dates(),
        _numbers(),
        _text(),
        _machinery(),
    ):
        for module, names in tables.items():
            found.setdefault(module, {}).update(names)
    return found


PROFILE = profile(__file__, READ, _entries())
