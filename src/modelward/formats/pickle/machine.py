"""The machine that runs a pickle on symbols: nothing is imported, nothing called.

The stack, its marks and the memo are CPython's; in place of objects there are the values of `values`. What
would import, call or change something becomes an `Event`, reported as it is met: taking the
result off the stack, or a broken end, takes nothing back. Where CPython's two unpicklers part ways, or
something cannot be told, there is an AMBIGUOUS event and an Unknown value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from modelward.core.errors import LimitExceeded
from modelward.formats.pickle.tape import Tape, Trouble
from modelward.formats.pickle.values import Container, Event, Global, Kind, Unknown, Value
from modelward.formats.source import Source

MAX_STACK = 4_000_000
MAX_MEMO = 2_000_000
MAX_ITEMS = 65_536  # kept of one container
MAX_ALL_ITEMS = 4_000_000  # kept of all containers
MAX_KEPT_BYTES = 64 << 20  # of constants; later ones count as unknown
HIGHEST_PROTOCOL: Final = 5
NO_FRAME: Final = 1 << 65  # past the end of any

Notice = Callable[[Event], None]
AfterBuild = Callable[["Machine", Value, Value], None]


class Machine:
    """The state of one stream's run; `instructions` has what changes it, `stream` runs it."""

    def __init__(self, source: Source, offset: int, notice: Notice) -> None:
        self.tape = Tape(source, offset)
        self.notice = notice
        self.stack: list[Value] = []
        self.marks: list[int] = []
        self.fence = 0
        self.memo: dict[int, Value] = {}
        self.start = offset  # of the current instruction
        self.frame_end = NO_FRAME
        #: Told of every BUILD (machine, what was built, its state), to follow loaders that read on elsewhere.
        self.after_build: AfterBuild | None = None
        self._kept_bytes = 0
        self._all_items = 0

    def fork(self, notice: Notice) -> Machine:
        """Another machine in this one's state, which reports to `notice`."""
        other = Machine(self.tape.source, self.tape.offset, notice)
        other.stack, other.marks, other.memo = [*self.stack], [*self.marks], {**self.memo}
        other.fence, other.frame_end = self.fence, self.frame_end
        return other

    # the stack

    def push(self, value: Value) -> None:
        """Put a value on the stack."""
        if len(self.stack) >= MAX_STACK:
            raise LimitExceeded(f"over {MAX_STACK} values are on the stack")
        self.stack.append(value)

    def push_constant(self, value: Value) -> None:
        """Put a constant on the stack, or an unknown once too many bytes of them are kept."""
        if isinstance(value, str | bytes):
            self._kept_bytes += len(value)
            if self._kept_bytes > MAX_KEPT_BYTES:
                value = _FORGOTTEN
        self.push(value)

    def pop(self) -> Value:
        """Take the top value."""
        if len(self.stack) <= self.fence:
            raise self.underflow()
        return self.stack.pop()

    def pop_many(self, count: int) -> list[Value]:
        """Take the top `count` values, the deepest first."""
        if len(self.stack) - count < self.fence:
            raise self.underflow()
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    @property
    def top(self) -> Value:
        """The top value, left in place."""
        if len(self.stack) <= self.fence:
            raise self.underflow()
        return self.stack[-1]

    def mark(self) -> None:
        """Remember the stack's height."""
        if len(self.marks) >= MAX_STACK:
            raise LimitExceeded(f"over {MAX_STACK} marks are on the stack")
        self.fence = len(self.stack)
        self.marks.append(self.fence)

    def unmark(self) -> int:
        """Forget the last mark and return its height."""
        if not self.marks:
            raise Trouble(f"there is no mark for byte {self.start}")
        height = self.marks.pop()
        self.fence = self.marks[-1] if self.marks else 0
        return height

    def pop_to_mark(self) -> list[Value]:
        """Take what lies above the last mark."""
        height = self.unmark()
        items = self.stack[height:]
        del self.stack[height:]
        return items

    def underflow(self) -> Trouble:
        """The error for an instruction that finds too little on the stack."""
        return Trouble(f"byte {self.start} takes more from the stack than there is")

    # the memo

    def remember(self, index: int) -> None:
        """Put the top value into the memo."""
        if len(self.stack) <= self.fence:
            raise self.underflow()
        self.memo[index] = self.stack[-1]
        if index > MAX_MEMO:  # CPython's memo in C is an array up to the highest index
            self._note("PUT", "a memo entry far out makes the loader fill its memory")
        if len(self.memo) > MAX_MEMO:
            raise LimitExceeded(f"over {MAX_MEMO} values are in the memo")

    def recall(self, index: int) -> None:
        """Push a value from the memo; one that was never put there is ambiguous."""
        if index in self.memo:
            self.push(self.memo[index])
        else:
            self.ambiguous("GET", f"memo {index} was never set")

    # containers

    def container(self, kind: str, items: list[Value]) -> Container:
        """A container of `items`."""
        made = Container(kind)  # type: ignore[arg-type]  # the instructions name the kinds
        self.fill(made, items)
        return made

    def fill(self, container: Container, items: list[Value]) -> None:
        """Put items into a container, as many as may be kept."""
        self._all_items += len(items)
        if len(container.items) + len(items) > MAX_ITEMS or self._all_items > MAX_ALL_ITEMS:
            container.whole = False
        elif container.whole:
            container.items += items

    # events

    def event(self, kind: Kind, step: str, target: Value, arguments: Value = None) -> None:
        """Report an event of the current instruction."""
        self.notice(Event(kind, step, self.start, target, arguments))

    def ambiguous(self, step: str, note: str) -> None:
        """Report that loaders may part ways here, and push an unknown."""
        self.notice(Event(Kind.AMBIGUOUS, step, self.start, None, note=note))
        self.push(Unknown(note))

    def reference(self, step: str, module: str, name: str) -> Global:
        """Report that a global is fetched, and return it."""
        found = Global(module, name, self.start)
        self.event(Kind.REFERENCE, step, found)
        return found

    # frames

    def enter_frame(self, length: int) -> None:
        """A frame begins. CPython's loaders differ where it is nested, cut short, or straddled."""
        begin = self.tape.offset
        if self.frame_end != NO_FRAME:
            self._note("FRAME", "a frame begins inside a frame")
        if begin + length > self.tape.source.size:
            self._note("FRAME", "a frame is longer than the file")
        self.frame_end = begin + length

    def leave_frame(self) -> None:
        """The current instruction reached the end of the frame, or went past it."""
        if self.start < self.frame_end < self.tape.offset:
            self._note("FRAME", "an instruction straddles the end of a frame")
        self.frame_end = NO_FRAME

    def _note(self, step: str, note: str) -> None:
        self.notice(Event(Kind.AMBIGUOUS, step, self.start, None, note=note))


_FORGOTTEN = Unknown("a constant that was not kept")
