"""What can be told of the values of a Python program without running it: names, constants, and where data
come from."""

from __future__ import annotations

import ast
import base64
import binascii
import builtins
import codecs
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

#: Constants larger than this are not worked out further.
MAX_CONSTANT = 1 << 20
MAX_REPEATED = 4096

#: What a value is made of. BUILT: put together from pieces; HIDDEN: a name reached by such a text.
BUILT, HIDDEN, DECODED, FETCHED, SECRET, PARTIAL = (
    "built",
    "hidden",
    "decoded",
    "fetched",
    "secret",
    "partial",
)
#: One of several values, of which not all can be told.
CHOSEN = "chosen"
#: What was decoded stands in this very file.
LITERAL = "literal"
#: All variables of the environment.
ENVIRONMENT = "environment"

NOTHING = object()


class Value(Struct, frozen=True):
    """A value: the dotted name it is reached by (`os.system`, `open()` for what a call gives), its constant
    where that is known, what it is made of, and the function or class of this file that it is.
    """

    name: str = ""
    constant: Any = NOTHING
    tags: frozenset[str] = frozenset()
    node: ast.AST | None = None

    @property
    def known(self) -> bool:
        """Whether the constant is known, at least in part."""
        return self.constant is not NOTHING

    @property
    def text(self) -> str | None:
        """The constant if it is text, or bytes that are."""
        if isinstance(self.constant, bytes):
            return self.constant.decode("utf-8", "replace")
        return self.constant if isinstance(self.constant, str) else None

    def tagged(self, *tags: str) -> Value:
        """The same value, made of more."""
        return replace(self, tags=self.tags.union(tags))


UNKNOWN = Value()


def union(values: Sequence[Value]) -> frozenset[str]:
    """What several values together are made of."""
    return frozenset().union(*(value.tags for value in values))


def constant(value: Any, tags: frozenset[str] = frozenset()) -> Value:
    """A constant, unless it is too large to keep. What is no constant within one stays what it is."""
    if isinstance(value, Value):
        return value.tagged(*tags)
    if isinstance(value, str | bytes | list | tuple) and len(value) > MAX_CONSTANT:
        return Value(tags=tags)
    return Value(constant=value, tags=tags)


def attribute(base: Value, name: str) -> Value:
    """`base.name`."""
    if base.name:
        if name == "__dict__" or (name == "__call__" and base.name != "self"):
            return base
        return Value(f"{base.name}.{name}", tags=base.tags)
    if base.known and isinstance(base.constant, str | bytes | list):
        return Value(f"constant.{name}", tags=base.tags)
    return Value(f"?.{name}", tags=base.tags)


def add(left: Value, right: Value) -> Value:
    """`left + right`; what is not known of a text stands as `{}`."""
    tags = union((left, right))
    one, two = left.constant, right.constant
    if left.known and right.known and type(one) is type(two) and isinstance(one, str | bytes | list | int):
        if isinstance(one, int) or len(one) + len(two) <= MAX_CONSTANT:
            return constant(one + two, tags | {BUILT})
        return Value(tags=tags)
    if isinstance(one, str):
        return constant(one + "{}", tags | {BUILT, PARTIAL})
    if isinstance(two, str):
        return constant("{}" + two, tags | {BUILT, PARTIAL})
    if isinstance(one, list) and len(one) < MAX_CONSTANT:
        return constant([*one, "{}"], tags | {PARTIAL})
    return Value(tags=tags)


def combine(op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`: texts joined, filled in, or made into a path."""
    tags = union((left, right))
    if isinstance(op, ast.Add):
        return add(left, right)
    if isinstance(op, ast.Mod) and isinstance(left.constant, str):
        return constant(left.constant.replace("%s", "{}"), tags | {PARTIAL})
    if isinstance(op, ast.Div) and left.text is not None and right.text is not None:
        return Value(left.name, f"{left.text}/{right.text}", tags)
    if isinstance(op, ast.Mult) and isinstance(left.constant, str | list) and isinstance(right.constant, int):
        small = len(left.constant) * abs(right.constant) <= MAX_REPEATED
        return constant(left.constant * right.constant, tags | {BUILT}) if small else Value(tags=tags)
    numbers = isinstance(left.constant, int) and isinstance(right.constant, int)
    if numbers and isinstance(op, ast.BitXor | ast.Sub):
        xor = isinstance(op, ast.BitXor)
        return constant(left.constant ^ right.constant if xor else left.constant - right.constant, tags)
    return Value(tags=tags)


def subscript(base: Value, key: Value) -> Value:
    """`base[key]`: an item of a constant, or of a namespace."""
    tags = union((base, key)) - {ENVIRONMENT}
    name = key.text
    if name and base.name in ("sys.modules", "globals()", "locals()", "vars()"):
        if name in dir(builtins):
            name = f"builtins.{name}"
        return Value("builtins" if name == "__builtins__" else name, tags=tags | _hidden(key))
    if name and base.name and not base.name.endswith(")"):
        return Value(f"{base.name}.{name}", tags=tags | _hidden(key))
    if isinstance(base.constant, dict):
        known = key.constant if isinstance(key.constant, str | int) else None
        found = base.constant.get(known)
        return UNKNOWN.tagged(*tags) if found is None else constant(found, tags)
    if base.known and isinstance(key.constant, int) and not isinstance(key.constant, bool):
        try:
            return constant(base.constant[key.constant], tags | {BUILT})
        except (IndexError, TypeError, KeyError):
            return Value(tags=tags)
    return Value(f"{base.name}[]" if base.name else "", tags=tags)


def kept(item: Value) -> Any:
    """What stands for a value within a list or a dictionary: a function as itself, else its constant."""
    if item.known:
        return item.constant
    reached = item.name and item.name[0] not in "<?" and not item.name.endswith(")")
    return item if reached or (item.node is not None and item.name != "self") else "{}"


def sliced(base: Value, parts: list[Value | None]) -> Value:
    """`base[a:b:c]` of a constant."""
    numbers = [None if part is None else part.constant for part in parts]
    if isinstance(base.constant, str | bytes | list) and all(
        number is None or isinstance(number, int) for number in numbers
    ):
        try:
            return constant(base.constant[slice(*numbers)], base.tags | {BUILT})
        except ValueError:
            return Value(tags=base.tags)
    return Value(base.name, tags=base.tags)


def _hidden(key: Value) -> frozenset[str]:
    return frozenset({HIDDEN}) if key.tags & {BUILT, DECODED} and PARTIAL not in key.tags else frozenset()


def reach(name: Value) -> Value:
    """What `__import__(name)` or `importlib.import_module(name)` gives."""
    text = name.text
    return Value(text, tags=name.tags | _hidden(name)) if text else Value("?", tags=name.tags)


def get(owner: Value, name: Value) -> Value:
    """What `getattr(owner, name)` gives."""
    text = name.text
    if text is None:
        return Value(f"{owner.name}.?" if owner.name else "", tags=owner.tags | name.tags)
    return attribute(owner, text).tagged(*_hidden(name))


def folds(name: str) -> bool:
    """Whether a method of a constant may be worked out."""
    return name in _METHODS or name == "format"


def method(base: Value, name: str, arguments: Sequence[Value]) -> Value:
    """A method of a constant text, bytes or list, worked out where that is simple."""
    tags = union((base, *arguments))
    values = [argument.constant for argument in arguments]
    known = all(argument.known for argument in arguments)
    fold = _METHODS.get(name)
    if name == "format" and isinstance(base.constant, str):
        return constant(base.constant, tags | {BUILT, PARTIAL})
    if fold is None or not known:
        return Value(f"constant.{name}()", tags=tags | ({BUILT, PARTIAL} if name == "join" else set()))
    try:
        result = fold(base.constant, *values)
    except (TypeError, ValueError, LookupError, AttributeError, MemoryError, OverflowError):
        return Value(f"constant.{name}()", tags=tags)
    return constant(result, tags | {BUILT})


def decode(name: str, arguments: Sequence[Value]) -> Value:
    """What a decoder makes of its data; worked out if they are a constant."""
    tags = union(arguments) | {DECODED}
    if arguments and arguments[0].known and PARTIAL not in arguments[0].tags:
        tags |= {LITERAL}
    if arguments and (fold := DECODERS.get(name)) and arguments[0].known:
        data = arguments[0].constant
        data = data.encode("utf-8", "replace") if isinstance(data, str) else data
        if isinstance(data, bytes):
            try:
                return constant(fold(data, *[a.text or "" for a in arguments[1:2]]), tags)
            except (TypeError, ValueError, LookupError, zlib.error, binascii.Error, EOFError):
                pass
    return Value(f"{name}()", tags=tags)


def _inflate(data: bytes, *_: str) -> bytes:
    for bits in (15, 31, -15):
        try:
            return zlib.decompressobj(bits).decompress(data, MAX_CONSTANT)
        except zlib.error:
            continue
    raise ValueError


def _codec(data: bytes, codec: str = "utf-8", *_: str) -> Any:
    codec = codec.lower().replace("-", "").replace("_", "")
    if codec in ("rot13",):
        return codecs.decode(data.decode("utf-8", "replace"), "rot13")
    if codec in ("hex", "hexcodec"):
        return binascii.unhexlify(data)
    if codec in ("base64", "base64codec"):
        return base64.b64decode(data)
    if codec in ("zlib", "zip", "zlibcodec"):
        return _inflate(data)
    return data.decode("utf-8", "replace")


def _unescape(data: bytes, *_: str) -> bytes:
    return base64.b64decode(data + b"=" * (-len(data) % 4))


DECODERS: dict[str, Callable[..., Any]] = {
    "base64.b64decode": _unescape,
    "base64.standard_b64decode": _unescape,
    "base64.decodebytes": _unescape,
    "base64.decodestring": _unescape,
    "base64.urlsafe_b64decode": lambda data, *_: base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4)),
    "base64.b32decode": lambda data, *_: base64.b32decode(data),
    "base64.b16decode": lambda data, *_: base64.b16decode(data),
    "base64.b85decode": lambda data, *_: base64.b85decode(data),
    "base64.a85decode": lambda data, *_: base64.a85decode(data),
    "binascii.unhexlify": lambda data, *_: binascii.unhexlify(data),
    "binascii.a2b_hex": lambda data, *_: binascii.unhexlify(data),
    "binascii.a2b_base64": _unescape,
    "builtins.bytes.fromhex": lambda data, *_: bytes.fromhex(data.decode()),
    "builtins.bytearray.fromhex": lambda data, *_: bytes.fromhex(data.decode()),
    "codecs.decode": _codec,
    "zlib.decompress": _inflate,
    "gzip.decompress": _inflate,
}

_METHODS: dict[str, Callable[..., Any]] = {
    "decode": lambda data, *codec: _codec(data, *codec[:1]) if isinstance(data, bytes) else data,
    "encode": lambda text, *_: text.encode("utf-8", "replace"),
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "strip": lambda text, *chars: text.strip(*chars[:1]),
    "swapcase": lambda text: text.swapcase(),
    "replace": lambda text, old, new, *_: (
        text.replace(old, new) if len(new) <= max(len(old), 1) and old else text
    ),
    "split": lambda text, *separator: text.split(*separator[:1]),
    "join": lambda text, parts: text.join(parts) if len(parts) <= 65536 else "",
    "translate": lambda text, *_: text,
    "removeprefix": lambda text, prefix: text.removeprefix(prefix),
}
