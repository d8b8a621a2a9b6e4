"""Arrays within the pickles that joblib writes.

joblib's unpickler looks at the top of the stack after each BUILD: where that is its wrapper of an array, the
array's bytes follow in the file and the pickle goes on behind them (`joblib.numpy_pickle`, 0.10 and later).
Any other unpickler takes these bytes for instructions, so they are run as such too. Wrappers of before name
a file beside this one, which is loaded in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

from modelward.formats.budget import Budget
from modelward.formats.facts import PathEscape
from modelward.formats.npy import ElementType, element_type
from modelward.formats.paths import escapes
from modelward.formats.pickle.constants import READERS
from modelward.formats.pickle.instructions import INSTRUCTIONS
from modelward.formats.pickle.judge import Opinion, judge
from modelward.formats.pickle.machine import Machine
from modelward.formats.pickle.reach import instance_class
from modelward.formats.pickle.stream import read_stream, run_machine
from modelward.formats.pickle.tape import Trouble
from modelward.formats.pickle.values import Container, Event, Global, Kind, Made, Value

_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
_OLD_WRAPPERS = tuple(
    f"joblib.{module}.{name}"
    for module in ("numpy_pickle", "numpy_pickle_compat")
    for name in ("NDArrayWrapper", "ZNDArrayWrapper")
)
_HAS_OBJECTS = 0x01  # in the flags of a dtype's state
#: What an array's bytes run as instructions may do before a run is thought to be meant.
_MEANT = (Kind.CALL, Kind.BUILD)


class InlineArrays:
    """Follows joblib's unpickler through one stream: the machine's `after_build`.

    `other_events` are what the bytes of arrays do to an unpickler that takes them for instructions, where
    that is more than chance; `escapes` are the files elsewhere that old wrappers name.
    """

    def __init__(self, notice: Callable[[Event], None], budget: Budget) -> None:
        self.arrays = 0
        self.other_events: list[Event] = []
        self.escapes: list[PathEscape] = []
        self._notice = notice
        self._budget = budget
        self._dtypes: dict[int, tuple[Made, Value]] = {}  # by identity: what was built, and its state
        self._built: dict[int, Made] = {}

    def __call__(self, machine: Machine, target: Value, state: Value) -> None:
        """See `Machine.after_build`."""
        if not isinstance(target, Made):
            return
        name = _class_name(target)
        if name == "numpy.dtype":
            self._dtypes[id(target)] = (target, state)
        elif name.endswith(_WRAPPER):
            self._array(machine, target, state)
        elif name.endswith(_OLD_WRAPPERS):
            self._file(machine, state)

    def _array(self, machine: Machine, target: Made, state: Value) -> None:
        self.arrays += 1
        fields = _fields(state) or {}
        element = self._element(fields.get("dtype"))
        self._run_as_instructions(machine, objects=element is not None and element.objects)
        shape = fields.get("shape")
        if element is None or not isinstance(shape, Container) or shape.kind != "tuple" or not shape.whole:
            raise Trouble(f"byte {machine.start}: the size of an array cannot be told")
        if machine.tape.framed or id(target) in self._built:
            raise Trouble(f"byte {machine.start}: what array follows cannot be told")
        self._built[id(target)] = target
        if element.objects:
            self._objects(machine)
            return
        sizes = [size for size in shape.items if type(size) is int and size >= 0]
        if len(sizes) != len(shape.items):
            raise Trouble(f"byte {machine.start}: the size of an array cannot be told")
        if fields.get("numpy_array_alignment_bytes") is not None:
            machine.tape.skip(machine.tape.byte())
        machine.tape.skip(prod(sizes) * element.bytes)

    def _objects(self, machine: Machine) -> None:
        """An array of objects is a pickle within the pickle (CVE-2024-34997)."""
        inner = read_stream(machine.tape.source, machine.tape.offset, self._notice, self._budget, self)
        if inner.trouble:
            raise Trouble(inner.trouble)
        machine.tape.skip(inner.end - machine.tape.offset)

    def _run_as_instructions(self, machine: Machine, *, objects: bool) -> None:
        """What an unpickler that knows no wrappers makes of the array.

        Pickled objects then mix up memo entries and fetch what does not exist: of what they do, only known
        harm counts.
        """
        first = machine.tape.source.read(machine.tape.offset, 1)
        if not first or (first[0] not in READERS and first[0] not in INSTRUCTIONS):
            return
        events: list[Event] = []
        run_machine(machine.fork(events.append), self._budget)
        if objects:
            self.other_events += [event for event in events if judge(event).opinion is Opinion.SINK]
        elif any(event.kind in _MEANT for event in events):
            self.other_events += events

    def _element(self, dtype: Value) -> ElementType | None:
        """The element type that `numpy.dtype(...)` with its state is."""
        if not isinstance(dtype, Made) or not isinstance(dtype.callee, Global):
            return None
        arguments = dtype.arguments
        if (
            dtype.callee.qualname != "numpy.dtype"
            or not isinstance(arguments, Container)
            or not arguments.items
        ):
            return None
        text = arguments.items[0]
        element = element_type(text)
        _, state = self._dtypes.get(id(dtype), (None, None))
        if element is None or not isinstance(text, str) or not isinstance(state, Container):
            return element
        parts = state.items
        if text.lstrip("<>|=")[:1] in ("S", "a", "U", "V") and len(parts) > 5:  # the others keep their size
            if type(parts[5]) is not int or not 0 <= parts[5] < 1 << 31:
                return None
            element = ElementType(parts[5], element.objects)
        if len(parts) > 7 and type(parts[7]) is not int:
            return None
        objects = len(parts) > 7 and type(parts[7]) is int and bool(parts[7] & _HAS_OBJECTS)
        return ElementType(element.bytes, element.objects or objects)

    def _file(self, machine: Machine, state: Value) -> None:
        name = (_fields(state) or {}).get("filename")
        if isinstance(name, str) and (escapes(name) or "/" in name or "\\" in name):
            effect = "it is loaded as an array, which may be a pickle"
            self.escapes.append(PathEscape("a joblib array", name, effect, machine.start))


def _class_name(made: Made) -> str:
    """The class of which a call made an instance."""
    found = instance_class(made)
    return found.qualname if found is not None else ""


def _fields(state: Value) -> dict[str, Value] | None:
    """The attributes that a state sets, if it sets nothing but attributes by name."""
    if not isinstance(state, Container) or state.kind != "dict" or not state.whole:
        return None
    found = dict(_pairs(state.items))
    return {key: value for key, value in found.items() if isinstance(key, str)}


def _pairs(items: list[Value]) -> Iterator[tuple[object, Value]]:
    for at in range(0, len(items) - 1, 2):
        key = items[at]
        yield (key if isinstance(key, str) else id(key)), items[at + 1]
