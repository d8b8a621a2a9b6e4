"""What the call of a function of the language or its library gives, as far as that can be told."""

from __future__ import annotations

import ast
from typing import Any

from modelward.formats import python_calls as calls
from modelward.formats import python_indirect as indirect
from modelward.formats import python_values as values
from modelward.formats.python_values import ENVIRONMENT, FETCHED, HIDDEN, SECRET, Value, constant, union
from modelward.formats.wordlist import words

MAX_ITEMS = 4096

_PASSING = words(
    "builtins.str builtins.bytes builtins.bytearray builtins.dict builtins.list builtins.tuple "
    "builtins.repr json.dumps builtins.memoryview textwrap.dedent os.path.expanduser pathlib.Path "
    "base64.b64encode base64.urlsafe_b64encode urllib.parse.quote urllib.parse.urlencode "
    "binascii.hexlify builtins.compile builtins.reversed io.BytesIO io.StringIO"
)


def result(
    node: ast.Call, callee: Value, name: str, arguments: list[Value], keywords: dict[str, Value]
) -> Value:
    """The value of a call that is not of a function of the same file."""
    given = [*arguments, *keywords.values()]
    tags = union(given) - {HIDDEN} | callee.tags  # a name that was hidden hides nothing but itself
    first = arguments[0] if arguments else values.UNKNOWN
    if (found := indirect.fetched(callee, name, arguments)) is not None:
        return found
    if name in indirect.KEEPING:
        return Value(f"{name}()", [values.kept(argument) for argument in arguments], tags)
    if name in ("builtins.__import__", "importlib.import_module", "importlib.__import__", "imp.load_module"):
        return values.reach(first)
    if name in ("builtins.getattr", "inspect.getattr_static") and len(arguments) >= 2:
        return values.get(first, arguments[1])
    if name in ("builtins.vars", "builtins.globals", "builtins.locals"):
        return first if arguments and first.name else Value(f"{name.removeprefix('builtins.')}()")
    if name == "builtins.chr" and isinstance(first.constant, int) and 0 <= first.constant < 0x110000:
        return constant(chr(first.constant), tags | {values.BUILT})
    if name == "builtins.map" and len(arguments) == 2 and isinstance(arguments[1].constant, list | bytes):
        return _mapped(first, arguments[1])
    if name in ("builtins.bytes", "builtins.bytearray") and _is_bytes(first.constant):
        return constant(bytes(first.constant), tags | {values.BUILT})
    if calls.is_decoder(name):
        return values.decode(name, arguments)
    if calls.is_network(name) or name == "socket.socket().recv":
        return Value(f"{name}()", tags=tags | {FETCHED})
    if name in ("os.environ.copy", "os.environ.items") or (
        name in _PASSING and any(argument.name == "os.environ" for argument in arguments)
    ):
        return Value(f"{name}()", tags=tags | {ENVIRONMENT})
    if calls.reads_secret(name, arguments):
        kept = first.constant if name.startswith(("os.path", "pathlib")) else values.NOTHING
        return Value(f"{name}()", constant=kept, tags=tags | {SECRET})
    if name == "builtins.reversed" and isinstance(first.constant, str | list):
        return constant(first.constant[::-1], tags | {values.BUILT})
    if name == "os.path.join" and all(argument.text is not None for argument in arguments) and arguments:
        return constant("/".join(argument.text or "" for argument in arguments), tags)
    if name in _PASSING:
        kept = first.constant if first.known and not isinstance(first.constant, list) else values.NOTHING
        return Value(f"{name}()", constant=kept, tags=tags)
    if isinstance(node.func, ast.Attribute) and name.startswith("constant."):
        return callee if not callee.known else Value(tags=tags)
    if name.endswith((".get", ".pop", ".setdefault")):
        owner = name.rpartition(".")[0]
        if owner in ("globals()", "locals()", "vars()"):
            return values.subscript(Value(owner, tags=callee.tags), first)
        member = Value(f"{owner}.{first.text}", tags=tags | {HIDDEN})
        if first.text and calls.is_sink(member.name):  # vars(os).get('system')
            return member
        return Value(f"{name}()", tags=tags - {ENVIRONMENT, SECRET})
    return Value(f"{name}()" if name else "", tags=(union(given) - {ENVIRONMENT}) | callee.tags)


def _is_bytes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) and 0 <= item < 256 for item in value)


def _mapped(function: Value, items: Value) -> Value:
    if function.name == "builtins.chr" and len(items.constant) <= MAX_ITEMS:
        numbers = list(items.constant)
        if all(isinstance(number, int) and 0 <= number < 0x110000 for number in numbers):
            return constant([chr(number) for number in numbers], items.tags | {values.BUILT})
    return Value(tags=items.tags | function.tags)
