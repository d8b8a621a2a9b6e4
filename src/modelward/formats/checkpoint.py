"""What a torch checkpoint holds, from its pickle as the symbolic machine read it: its tensors, by name.

Nothing is called. A tensor is a call of one of torch's rebuilding functions with arguments that are known,
whose meaning is written in `torch/_utils.py`. What cannot be told exactly is refused, by its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.pickle.contracts import tuple_items
from modelward.formats.pickle.expression import render
from modelward.formats.pickle.storages import UNTYPED, Storage, storage_of
from modelward.formats.pickle.values import (
    Blob,
    Container,
    Event,
    Global,
    Kind,
    Made,
    Persistent,
    Unknown,
    Value,
)
from modelward.formats.safetensors import DTYPE_BITS, MAX_RANK

MAX_DEPTH = 100
MAX_LEAVES = 1_000_000

#: Storage class, or element type of torch -> type in safetensors.
_STORAGES = {
    "DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8",
    "ByteStorage": "U8", "BoolStorage": "BOOL", "ComplexFloatStorage": "C64",
}  # fmt: skip
_TYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL", "complex64": "C64", "uint16": "U16",
    "uint32": "U32", "uint64": "U64", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
    "float8_e8m0fnu": "F8_E8M0",
}  # fmt: skip

_PART = "convert a part of the checkpoint that can be, with --only NAME"
_MAPPINGS = {("collections", name) for name in ("OrderedDict", "defaultdict", "Counter")}
_PLAIN_CLASSES = {("torch", "Tensor"), ("torch.nn.parameter", "Parameter")}


class Tensor(Struct, frozen=True):
    """One tensor: a view of a storage. `offset` and `strides` count elements."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    storage: Storage
    offset: int
    strides: tuple[int, ...]

    @property
    def item_bytes(self) -> int:
        """Bytes per element."""
        return DTYPE_BITS[self.dtype] // 8

    @property
    def bytes(self) -> int:
        """Its size in bytes when it is written."""
        total = self.item_bytes
        for size in self.shape:
            total *= size
        return total


class LeftOut(Struct, frozen=True):
    """Something in a checkpoint that is no tensor."""

    name: str
    what: str


class Contents(Struct):
    """Everything in a checkpoint, in its order."""

    tensors: list[Tensor] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


class Changes:
    """What a pickle does to what its calls made, and the storages it names: told while it is read."""

    def __init__(self) -> None:
        self.states: dict[Made, Value] = {}
        self.items: dict[Made, list[Event]] = {}
        self.storages: dict[str, Storage] = {}

    def notice(self, event: Event) -> None:
        """Keep the events that say what an object holds. Raises InputError for a storage of two sizes."""
        if event.kind is Kind.PERSISTENT:
            storage = storage_of(event.target)
            if storage and self.storages.setdefault(storage.key, storage) != storage:
                raise InputError(f"the storage {storage.key!r} is named as two different ones")
        if not isinstance(event.target, Made):
            return
        if event.kind is Kind.BUILD:
            self.states[event.target] = event.arguments
        elif event.kind is Kind.CHANGE:
            self.items.setdefault(event.target, []).append(event)


def contents(value: Value, changes: Changes, only: str = "") -> Contents:
    """The tensors of what a checkpoint's pickle makes, or of its part that has the name `only`.

    Raises InputError, naming the place, for what cannot be written exactly, LimitExceeded past the bounds.
    """
    walk = _Walk(changes)
    walk.visit(walk.part(value, only), "", 0)
    return walk.found


class _Walk:
    """The way through the values of one checkpoint."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.found = Contents()
        self._names: set[str] = set()
        self._leaves = 0

    def part(self, value: Value, only: str) -> Value:
        """What has the dotted name `only`; a key may have dots of its own."""
        rest = only
        while rest:
            entries = self._entries(value, only) or []
            fitting = [entry for entry in entries if rest == entry[0] or rest.startswith(f"{entry[0]}.")]
            if not fitting:
                names = ", ".join(name for name, _ in entries[:8]) or "nothing that has a name"
                raise InputError(f"there is no {rest!r} in it", where=only, help=f"it holds {names}")
            key, value = max(fitting, key=lambda entry: len(entry[0]))
            rest = rest[len(key) + 1 :]
        return value

    def visit(self, value: Value, name: str, depth: int) -> None:
        self._leaves += 1
        if self._leaves > MAX_LEAVES or depth > MAX_DEPTH:
            raise LimitExceeded(f"it holds over {MAX_LEAVES} things, or over {MAX_DEPTH} in each other")
        tensor = self._tensor(value, name)
        if tensor is not None:
            self._add(tensor)
            return
        if not self._hides_tensor(value):
            self.found.left_out.append(LeftOut(name, _short(value)))
            return
        entries = self._entries(value, name)
        if entries is None:
            raise InputError(
                f"there is a tensor within {_short(value)}, where its name and use cannot be told",
                where=name or "the file",
                help=_PART,
            )
        for key, item in entries:
            self.visit(item, f"{name}.{key}" if name else key, depth + 1)

    def _add(self, tensor: Tensor) -> None:
        if tensor.name == "__metadata__":
            raise InputError("a tensor in safetensors cannot have this name", where=tensor.name)
        if tensor.name in self._names:
            raise InputError("two tensors would have this name", where=tensor.name)
        self._names.add(tensor.name)
        self.found.tensors.append(tensor)

    # what holds other things

    def _entries(self, value: Value, name: str) -> list[tuple[str, Value]] | None:
        """The named parts of a container or a module, or None for anything else."""
        if isinstance(value, Container):
            if not value.whole:
                raise LimitExceeded("it holds too many things to keep", where=name or "the file")
            if value.kind == "dict":
                return list(_named(value.items, name))
            if value.kind in ("list", "tuple"):
                return [(str(index), item) for index, item in enumerate(value.items)]
            return None
        if not isinstance(value, Made) or not isinstance(value.callee, Global):
            return None
        if value.callee.canonical in _MAPPINGS:
            return list(_named(self._mapping_items(value, name), name))
        state = self.changes.states.get(value)
        if not isinstance(state, Container) or state.kind != "dict" or not state.whole:
            return None
        if value.callee.module.partition(".")[0] == "__torch__":
            return list(_named(state.items, name))
        return self._module(state, name)

    def _module(self, state: Container, name: str) -> list[tuple[str, Value]] | None:
        """The parts of a torch.nn.Module that are in its `state_dict()`, under the names they have there."""
        fields = dict(_named(state.items, name))
        if not {"_parameters", "_buffers", "_modules"} <= fields.keys():
            return None
        passing = _members(fields.get("_non_persistent_buffers_set"))
        return [
            (key, item)
            for part in ("_parameters", "_buffers", "_modules")
            for key, item in self._entries(fields[part], name) or []
            if item is not None and not (part == "_buffers" and key in passing)
        ]

    def _mapping_items(self, value: Made, name: str) -> list[Value]:
        """The keys and values of an OrderedDict or the like, in turn: given to its call, or put in later."""
        items: list[Value] = []
        for argument in tuple_items(value.arguments) or []:
            if isinstance(argument, Container) and argument.whole and argument.kind == "dict":
                items += argument.items
            elif isinstance(argument, Container) and argument.whole:
                for pair in argument.items:
                    if not isinstance(pair, Container) or len(pair.items) != 2:
                        raise InputError(
                            "it is filled in a way that cannot be told", where=name or "the file"
                        )
                    items += pair.items
        for event in self.changes.items.get(value, []):
            added = event.arguments
            if not isinstance(added, Container) or not added.whole or len(added.items) % 2:
                raise LimitExceeded("it holds too many things to keep", where=name or "the file")
            items += added.items
        return items

    def _hides_tensor(self, value: Value) -> bool:
        """Whether there is a storage anywhere in a value."""
        todo: list[Value] = [value]
        seen: set[int] = set()
        while todo:
            one = todo.pop()
            if isinstance(one, Persistent):
                return True
            if not isinstance(one, Container | Made) or id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, Container):
                todo += one.items
            else:
                todo += [one.callee, one.arguments, self.changes.states.get(one)]
                todo += [event.arguments for event in self.changes.items.get(one, [])]
        return False

    # tensors

    def _tensor(self, value: Value, name: str) -> Tensor | None:
        """The tensor that a value is, or None if it is none."""
        if not isinstance(value, Made) or not isinstance(value.callee, Global):
            return None
        module, function = value.callee.canonical
        arguments = tuple_items(value.arguments)
        if (module, function) == ("torch._tensor", "_rebuild_from_type_v2"):
            return self._of_class(arguments, name)
        if module != "torch._utils" or not function.startswith("_rebuild_"):
            return None
        if arguments is None:
            raise _refused(name, "a tensor whose arguments cannot be told")
        if function in ("_rebuild_parameter", "_rebuild_parameter_with_state") and arguments:
            return self._tensor(arguments[0], name) or _fail(name, "a parameter without a tensor")
        if function not in ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"):
            raise _refused(name, f"a tensor that safetensors cannot hold, made by {function}")
        return _view(function, arguments, name)

    def _of_class(self, arguments: list[Value] | None, name: str) -> Tensor | None:
        """`_rebuild_from_type_v2(function, class, arguments, state)`: the class must be torch's own."""
        if arguments is None or len(arguments) != 4:
            raise _refused(name, "a tensor whose arguments cannot be told")
        function, kind, inner, _state = arguments
        if not isinstance(kind, Global) or kind.canonical not in _PLAIN_CLASSES:
            raise _refused(name, f"a tensor of the class {_short(kind)}, whose data may mean anything")
        return self._tensor(Made(function, inner, "REDUCE", 0), name) or _fail(name, "no tensor")


def _fail(name: str, what: str) -> Tensor:
    raise _refused(name, what)


def _refused(name: str, what: str) -> InputError:
    return InputError(
        f"it is {what}",
        where=name or "the tensor",
        help=_PART,
    )


def _view(function: str, arguments: list[Value], name: str) -> Tensor:
    """`(storage, offset, size, stride, requires grad, hooks[, dtype][, metadata])`."""
    typed = function != "_rebuild_tensor_v3"
    if len(arguments) < (4 if typed else 7):
        raise _refused(name, "a tensor with too few arguments")
    if any(_not_empty(extra) for extra in arguments[6 if typed else 7 :]):
        raise _refused(name, "a tensor whose values are to be conjugated or negated when it is read")
    storage = storage_of(arguments[0])
    shape, strides = _sizes(arguments[2]), _sizes(arguments[3])
    offset = arguments[1]
    if storage is None or shape is None or strides is None or type(offset) is not int or offset < 0:
        raise _refused(name, "a tensor whose storage, size or stride cannot be told")
    dtype = _dtype(storage, None if typed else arguments[6])
    if dtype is None:
        what = storage.kind if typed else _short(arguments[6])
        raise _refused(name, f"a tensor of the type {what}, which safetensors does not have")
    tensor = Tensor(name or "tensor", dtype, shape, storage, offset, strides)
    _check(tensor)
    return tensor


def _check(tensor: Tensor) -> None:
    """A view must lie within its storage, and no two of its elements in one place."""
    if len(tensor.shape) != len(tensor.strides) or len(tensor.shape) > MAX_RANK:
        raise _refused(tensor.name, "a tensor whose size and stride do not fit each other")
    if 0 in tensor.shape:
        return
    last = tensor.offset + sum(
        (size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True)
    )
    if (last + 1) * tensor.item_bytes > tensor.storage.bytes:
        raise _refused(tensor.name, "a tensor that reaches past the end of its storage")
    reach = 0
    for stride, size in sorted(zip(tensor.strides, tensor.shape, strict=True)):
        if size > 1 and stride <= reach:
            raise _refused(
                tensor.name, "a tensor whose elements share memory with each other (an expanded view)"
            )
        reach += (size - 1) * stride


def _dtype(storage: Storage, given: Value) -> str | None:
    if given is None:
        return _STORAGES.get(storage.kind)
    if isinstance(given, Global) and given.module == "torch" and storage.kind in UNTYPED:
        return _TYPES.get(given.name)
    return None


def _sizes(value: Value) -> tuple[int, ...] | None:
    if (
        isinstance(value, Made)
        and isinstance(value.callee, Global)
        and value.callee.canonical == ("torch", "Size")
    ):
        value = (tuple_items(value.arguments) or [None])[0]
    if not isinstance(value, Container) or value.kind not in ("tuple", "list") or not value.whole:
        return None
    sizes = [item for item in value.items if type(item) is int and 0 <= item < 1 << 62]
    return tuple(sizes) if len(sizes) == len(value.items) else None


def _not_empty(value: Value) -> bool:
    return value is not None and not (isinstance(value, Container) and value.whole and not value.items)


def _named(items: list[Value], place: str) -> Iterator[tuple[str, Value]]:
    """The entries of a dict, as Python keeps them: a key that comes again takes the later value."""
    kept: dict[object, tuple[Value, Value]] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        same = kept.get(key)
        kept[key] = (same[0] if same else key, value)
    for key, value in kept.values():
        name = key if isinstance(key, str) else render(key)
        if "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
            raise InputError(f"it holds a name that is not plain text, {name!r}", where=place or "the file")
        yield name, value


def _members(value: Value) -> set[Value]:
    """What a set of texts holds, whichever protocol wrote it."""
    if isinstance(value, Made):
        value = (tuple_items(value.arguments) or [None])[0]
    return {item for item in value.items if isinstance(item, str)} if isinstance(value, Container) else set()


def _short(value: Value) -> str:
    match value:
        case Container():
            return f"a {value.kind}"
        case Made(callee=Global() as callee):
            return f"an object made by {callee.qualname}"
        case Global():
            return value.qualname
        case Blob():
            return "a long text" if value.kind == "str" else "bytes"
        case Unknown():
            return value.what
        case str() | bytes():
            return "text" if isinstance(value, str) else "bytes"
        case _:
            return render(value)
