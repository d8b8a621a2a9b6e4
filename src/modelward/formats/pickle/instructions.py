"""The pickle instructions that are not constants: byte -> what they do to the machine."""

from __future__ import annotations

from collections.abc import Callable

from modelward.formats.pickle.machine import HIGHEST_PROTOCOL, Machine
from modelward.formats.pickle.tape import Trouble
from modelward.formats.pickle.values import (
    Container,
    ContainerKind,
    Kind,
    Made,
    Persistent,
    Unknown,
    Value,
    with_keywords,
)


def _proto(machine: Machine) -> None:
    version = machine.tape.byte()
    if version > HIGHEST_PROTOCOL:
        raise Trouble(f"it is of protocol {version}, which does not exist yet")


def _frame(machine: Machine) -> None:
    odd = machine.tape.enter_frame(machine.tape.number(8))
    if odd:
        machine.note("FRAME", odd)


# stack and memo


def _pop(machine: Machine) -> None:
    if machine.marks and machine.marks[-1] == len(machine.stack):
        machine.unmark()
    else:
        machine.pop()


def _memo_index(machine: Machine) -> int:
    text = machine.tape.line().partition(b"\0")[0]
    try:
        index = int(text)
    except ValueError:
        raise Trouble(f"byte {machine.start} names no memo entry") from None
    if index < 0:
        raise Trouble(f"byte {machine.start} names a negative memo entry")
    return index


# containers


def _new(kind: ContainerKind) -> Callable[[Machine], None]:
    return lambda machine: machine.push(machine.container(kind, []))


def _from_mark(kind: ContainerKind) -> Callable[[Machine], None]:
    return lambda machine: machine.push(machine.container(kind, machine.pop_to_mark()))


def _tuple(count: int) -> Callable[[Machine], None]:
    def make(machine: Machine) -> None:
        machine.push(machine.container("tuple", machine.pop_many(count)))

    return make


def _put_one(step: str, kind: ContainerKind, count: int) -> Callable[[Machine], None]:
    def put(machine: Machine) -> None:
        _put(machine, step, kind, machine.pop_many(count))

    return put


def _put_many(step: str, kind: ContainerKind) -> Callable[[Machine], None]:
    return lambda machine: _put(machine, step, kind, machine.pop_to_mark())


def _put(machine: Machine, step: str, kind: ContainerKind, items: list[Value]) -> None:
    target = machine.top
    plain = isinstance(target, Container) and target.kind == kind
    if items and not plain:
        machine.event(Kind.CHANGE, step, target, machine.container("tuple", items))
    if kind == "dict":
        _check_pairs(machine, items)
    if isinstance(target, Container) and plain:
        machine.fill(target, items)


def _check_pairs(machine: Machine, items: list[Value]) -> None:
    if len(items) % 2:
        raise Trouble(f"byte {machine.start} has a key without a value")


def _dict(machine: Machine) -> None:
    items = machine.pop_to_mark()
    _check_pairs(machine, items)
    machine.push(machine.container("dict", items))


# globals


def _line_text(machine: Machine) -> str:
    try:
        text = machine.tape.line().decode("utf-8")
    except UnicodeDecodeError:
        raise Trouble(f"byte {machine.start} names something that is not UTF-8") from None
    return text


def _global(machine: Machine) -> None:
    module, name = _line_text(machine), _line_text(machine)
    machine.push(machine.reference("GLOBAL", module, name))


def _stack_global(machine: Machine) -> None:
    name, module = machine.pop(), machine.pop()
    if isinstance(module, str) and isinstance(name, str):
        machine.push(machine.reference("STACK_GLOBAL", module, name))
    else:
        machine.ambiguous("STACK_GLOBAL", "it fetches a global whose name cannot be told")


def _extension(width: int) -> Callable[[Machine], None]:
    def fetch(machine: Machine) -> None:
        code = machine.tape.number(width, signed=width == 4)
        machine.event(Kind.EXTENSION, f"EXT{width}", code)
        machine.push(Unknown(f"copyreg extension {code}"))

    return fetch


# calls


def _call(machine: Machine, step: str, callee: Value, arguments: Value) -> None:
    made = Made(callee, arguments, step, machine.start)
    machine.event(Kind.CALL, step, callee, arguments)
    machine.push(made)


def _reduce(machine: Machine) -> None:
    arguments = machine.pop()
    _call(machine, "REDUCE", machine.pop(), arguments)


def _inst(machine: Machine) -> None:
    callee = machine.reference("INST", _line_text(machine), _line_text(machine))
    _call(machine, "INST", callee, machine.container("tuple", machine.pop_to_mark()))


def _obj(machine: Machine) -> None:
    items = machine.pop_to_mark()
    if not items:
        raise machine.underflow()
    _call(machine, "OBJ", items[0], machine.container("tuple", items[1:]))


def _newobj(machine: Machine) -> None:
    arguments = machine.pop()
    _call(machine, "NEWOBJ", machine.pop(), arguments)


def _newobj_ex(machine: Machine) -> None:
    keywords, arguments = machine.pop(), machine.pop()
    _call(machine, "NEWOBJ_EX", machine.pop(), with_keywords(arguments, keywords))


def _build(machine: Machine) -> None:
    state = machine.pop()
    machine.event(Kind.BUILD, "BUILD", machine.top, state)
    if machine.after_build is not None:
        machine.after_build(machine, machine.top, state)


# asked of the loading program


def _persistent(machine: Machine, step: str, pid: Value) -> None:
    made = Persistent(pid, machine.start)
    machine.event(Kind.PERSISTENT, step, made)
    machine.push(made.of_class or made)


def _next_buffer(machine: Machine) -> None:
    machine.event(Kind.BUFFER, "NEXT_BUFFER", None)
    machine.push(Unknown("a buffer from outside the stream"))


INSTRUCTIONS: dict[int, Callable[[Machine], None]] = {
    0x80: _proto,
    0x95: _frame,
    ord("("): Machine.mark,
    ord("0"): _pop,
    ord("1"): lambda machine: machine.pop_to_mark().clear(),
    ord("2"): lambda machine: machine.push(machine.top),
    ord("g"): lambda machine: machine.recall(_memo_index(machine)),
    ord("h"): lambda machine: machine.recall(machine.tape.byte()),
    ord("j"): lambda machine: machine.recall(machine.tape.number(4)),
    ord("p"): lambda machine: machine.remember(_memo_index(machine)),
    ord("q"): lambda machine: machine.remember(machine.tape.byte()),
    ord("r"): lambda machine: machine.remember(machine.tape.number(4)),
    0x94: lambda machine: machine.remember(machine.remembered),
    ord("]"): _new("list"),
    ord(")"): _new("tuple"),
    ord("}"): _new("dict"),
    0x8F: _new("set"),
    ord("l"): _from_mark("list"),
    ord("t"): _from_mark("tuple"),
    0x91: _from_mark("frozenset"),
    ord("d"): _dict,
    0x85: _tuple(1),
    0x86: _tuple(2),
    0x87: _tuple(3),
    ord("a"): _put_one("APPEND", "list", 1),
    ord("e"): _put_many("APPENDS", "list"),
    ord("s"): _put_one("SETITEM", "dict", 2),
    ord("u"): _put_many("SETITEMS", "dict"),
    0x90: _put_many("ADDITEMS", "set"),
    ord("c"): _global,
    0x93: _stack_global,
    0x82: _extension(1),
    0x83: _extension(2),
    0x84: _extension(4),
    ord("R"): _reduce,
    ord("i"): _inst,
    ord("o"): _obj,
    0x81: _newobj,
    0x92: _newobj_ex,
    ord("b"): _build,
    ord("P"): lambda machine: _persistent(machine, "PERSID", _line_text(machine)),
    ord("Q"): lambda machine: _persistent(machine, "BINPERSID", machine.pop()),
    0x97: _next_buffer,
    0x98: lambda machine: machine.push(machine.pop()),
}
