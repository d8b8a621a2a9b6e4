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
from modelward.formats.pickle.values import Container, ContainerKind, Event, Global, Kind, Unknown, Value

MAX_STACK = 4_000_000
MAX_MEMO = 2_000_000  # values that are kept for later; further ones count as unknown, unless globals
MAX_MEMO_ENTRIES = 16_000_000
MAX_MEMO_GAP: Final = 1 << 20  # entries that a writer may leave out
MAX_ITEMS = 65_536  # kept of one container
MAX_ALL_ITEMS = 8_000_000  # kept of all containers
HIGHEST_PROTOCOL: Final = 5

Notice = Callable[[Event], None]
AfterBuild = Callable[["Machine", Value, Value], None]

NO_ITEMS: Final[list[Value]] = []  # of every empty container; `fill` puts a list of its own in its place
_NOT_KEPT = Unknown("a value of the memo that was not kept")


class Machine:
    """The state of one stream's run; `instructions` has what changes it, `stream` runs it.

    The memo is a list as long as its entries follow each other, as writers number them; others are in `far`.
    """

    def __init__(self, tape: Tape, notice: Notice, silent: int = 0) -> None:
        self.tape = tape
        self.notice = notice
        self.silent = silent  # events that are not reported: they were when this was run before
        self.events = 0
        self.before = 0  # how many there were before the current instruction
        self.parted = -1  # and before the first that loaders read differently at the end of a frame
        self.left = 0  # instructions that are paid for
        self.stack: list[Value] = []
        self.marks: list[int] = []
        self.fence = 0
        self.memo: list[Value] = []
        self.far: dict[int, Value] = {}
        self.start = tape.offset  # of the current instruction
        self.items_left = MAX_ALL_ITEMS
        #: Told of every BUILD (machine, what was built, its state), to follow loaders that read on elsewhere.
        self.after_build: AfterBuild | None = None
        self.born: set[int] | None = None  # of a fork, the identities of the containers that are its own

    def fork(self, notice: Notice) -> Machine:
        """Another machine in this one's state, which reports to `notice` and changes nothing of this one's.

        Frames are left behind.
        """
        other = Machine(Tape(self.tape.source, self.tape.offset), notice)
        other.stack, other.marks, other.fence = [*self.stack], [*self.marks], self.fence
        other.memo, other.far = [*self.memo], {**self.far}
        other.born = set()
        return other

    # the stack

    def push(self, value: Value) -> None:
        """Put a value on the stack."""
        if len(self.stack) >= MAX_STACK:
            raise LimitExceeded(f"over {MAX_STACK} values are on the stack")
        self.stack.append(value)

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

    @property
    def remembered(self) -> int:
        """How many entries the memo has."""
        return len(self.memo) + len(self.far)

    def remember(self, index: int) -> None:
        """Put the top value into the memo."""
        value, count = self.top, self.remembered
        if count >= MAX_MEMO and not (isinstance(value, Global) and count < 2 * MAX_MEMO):
            value = _NOT_KEPT
        if index < len(self.memo):
            self.memo[index] = value
        elif index == len(self.memo):
            self.memo.append(value)
            self.far.pop(index, None)
        else:
            self.far[index] = value
            if index > count + MAX_MEMO_GAP:  # CPython's memo in C is an array up to the highest index
                self.note("PUT", "a memo entry far out makes the loader fill its memory")
        if count >= MAX_MEMO_ENTRIES:
            raise LimitExceeded(f"over {MAX_MEMO_ENTRIES} values are in the memo")

    def recall(self, index: int) -> None:
        """Push a value from the memo; one that was never put there is ambiguous."""
        if index < len(self.memo):
            self.push(self.memo[index])
        elif index in self.far:
            self.push(self.far[index])
        else:
            self.ambiguous("GET", f"memo {index} was never set")

    # containers

    def container(self, kind: ContainerKind, items: list[Value]) -> Container:
        """A container of `items`, a list of its own."""
        made = Container(kind, NO_ITEMS)
        if self.born is not None:
            self.born.add(id(made))
        if items:
            self.fill(made, items)
        return made

    def fill(self, container: Container, items: list[Value]) -> None:
        """Put items into a container, as many as may be kept."""
        if self.born is not None and id(container) not in self.born:
            return
        if container.lost or len(container.items) + len(items) > MAX_ITEMS or self.items_left < len(items):
            container.lost += len(items)
        else:
            self.items_left -= len(items)
            if container.items:
                container.items += items
            else:
                container.items = items

    def fill_plain(self, code: int) -> bool:
        """APPEND(S) and SETITEM(S) on a plain container; False, with nothing done, on anything else."""
        marks, stack, fence = self.marks, self.stack, self.fence
        many = code in b"eu"
        if many:
            if not marks:
                return False
            height, fence = fence, marks[-2] if len(marks) > 1 else 0
        else:
            height = len(stack) - (1 if code == 0x61 else 2)
        if height <= fence:
            return False
        kind = "list" if code in b"ae" else "dict"
        target = stack[height - 1]
        if not isinstance(target, Container) or target.kind != kind:
            return False
        if kind == "dict" and (len(stack) - height) % 2:
            return False
        if many:
            marks.pop()
            self.fence = fence
        self.fill(target, stack[height:])
        del stack[height:]
        return True

    # events

    def event(self, kind: Kind, step: str, target: Value, arguments: Value = None) -> None:
        """Report an event of the current instruction."""
        self._report(Event(kind, step, self.start, target, arguments))

    def note(self, step: str, note: str) -> None:
        """Report that loaders may part ways here."""
        self._report(Event(Kind.AMBIGUOUS, step, self.start, None, None, note))

    def note_straddling(self) -> None:
        """Note that the current instruction ran past the end of a frame, if it did; once is enough."""
        if self.tape.straddled and not self.tape.drops:
            self.tape.straddled = False
            if self.parted < 0:
                self.parted = self.before
            self.note("FRAME", "an instruction straddles the end of a frame")

    def _report(self, event: Event) -> None:
        self.events += 1
        if self.events > self.silent:
            self.notice(event)

    def ambiguous(self, step: str, note: str) -> None:
        """Report that loaders may part ways here, and push an unknown."""
        self.note(step, note)
        self.push(Unknown(note))

    def reference(self, step: str, module: str, name: str) -> Global:
        """Report that a global is fetched, and return it."""
        found = Global(module, name, self.start)
        self.event(Kind.REFERENCE, step, found)
        return found
