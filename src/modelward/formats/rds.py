"""R objects (RDS, RData), walked without making any: the code in them, and promises that run when touched.

After R's `src/main/serialize.c`, versions 2 and 3. A promise that has no value yet runs its expression as
soon as something looks at it (CVE-2024-27322); functions run when called; calls and formulas are data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from modelward.core.errors import InputError, LimitExceeded
from modelward.core.regex import regex
from modelward.formats.facts import EmbeddedCode
from modelward.formats.rds_names import HARMLESS, harm
from modelward.formats.rds_stream import Ascii, Binary, Stream
from modelward.formats.source import Source

MAX_DEPTH = 160
MAX_ITEMS = 5_000_000
MAX_TEXT_BYTES = 16 << 20
MAX_SHOWN = 160
_WORKSPACES = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"RDB2\n", b"RDB3\n")
_HAS_ATTRIBUTES, _HAS_TAG, _ACTIVE = 1 << 9, 1 << 10, 1 << (12 + 15)
(_SYMBOL, _PAIRS, _CLOSURE, _ENVIRONMENT, _PROMISE, _CALL) = range(1, 7)
_DOTS, _LIST, _EXPRESSION, _BYTECODE, _POINTER, _WEAK, _RAW, _S4 = 17, 19, 20, 21, 22, 23, 24, 25
_PRIMITIVES, _CHARACTERS, _STRINGS = (7, 8), 9, 16
_WIDTHS = {10: 4, 13: 4, 14: 8, 15: 16, 24: 1}
_REFERENCE, _UNBOUND, _ALTERNATIVE = 255, 252, 238
_NAMED = (247, 248, 249)  # persistent, package, namespace
_SINGLE = (254, 253, 252, 251, 250, 246, 245, 242, 241)
_REPEATED, _REPEAT, _CALL_WITH, _PAIRS_WITH = 243, 244, 240, 239
_CALL_IN_TEXT = regex(r"(?<![\w.])(?:base::)?([A-Za-z][\w.]{2,20})\s{0,8}\(")
#: R's own compact vectors; one of another package makes R load that package.
_COMPACT_TEXT = (
    "compact_intseq compact_realseq deferred_string wrap_real wrap_string wrap_logical wrap_integer "
    "wrap_complex wrap_raw wrap_list"
)
_COMPACT = frozenset(_COMPACT_TEXT.split())


def begins(source: Source) -> int | None:
    """Where the serialization begins: after a workspace's own magic, or at 0. None if it is none."""
    head = source.read(0, 7)
    if head[:5] in _WORKSPACES:
        return 5
    return 0 if head[:2] in (b"X\n", b"A\n", b"B\n") else None


def walk(source: Source, begin: int, notice: Callable[[EmbeddedCode], None]) -> int | None:
    """Walk the object, noticing the code in it. Where it ends, or None if this is not R's.

    Raises InputError where it breaks off, LimitExceeded past the bounds.
    """
    kind = source.read(begin, 1)
    if source.read(begin, 2) not in (b"X\n", b"A\n", b"B\n"):
        return None
    stream: Stream
    if kind == b"A":
        stream = Ascii(source, begin + 2)
    else:
        stream = Binary(source, begin + 2, "big" if kind == b"X" else "little")
    try:
        version, writer, least = (stream.integer() for _ in range(3))
    except InputError:
        return None
    if version not in (2, 3) or not (0x10000 <= writer < 0x200000 and 0x10000 <= least < 0x200000):
        return None
    if version == 3:
        stream.text(_length(stream.integer(), 64))
    _Walk(stream, notice).item(0)
    return stream.at()


def calls(source: Source, begin: int) -> Iterator[EmbeddedCode]:
    """Calls that do harm, in what stands where an R object is to be and is none: in R's own language."""
    text = source.read(begin, MAX_TEXT_BYTES).decode("latin-1")
    for found in _CALL_IN_TEXT.finditer(text):
        if known := harm([found[1]]):
            expression = text[found.start() : found.start() + MAX_SHOWN].split("\n")[0]
            yield EmbeddedCode("the data", "a call in R", expression, known, begin + found.start())
            return


def _length(value: int, most: int) -> int:
    if not 0 <= value <= most:
        raise InputError(f"the R data have a length of {value}")
    return value


class _Walk:
    """One object being walked."""

    def __init__(self, stream: Stream, notice: Callable[[EmbeddedCode], None]) -> None:
        self.stream = stream
        self.notice = notice
        self.references: list[str] = []
        self.names: set[str] | None = None  # all names in the code being walked
        self.calls: set[str] = set()  # those of them that it calls, or that compiled code may call
        self.items = 0
        self.environments = 0

    def item(self, depth: int) -> tuple[int, str]:
        """Walk one item: its type, and its text if it is a symbol or a single text."""
        flags = self.stream.integer()
        return self.typed(flags, depth)

    def typed(self, flags: int, depth: int) -> tuple[int, str]:
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise LimitExceeded("the R data have too many objects, or nest too deep")
        kind = flags & 0xFF
        text = ""
        if kind in (_PAIRS, _CALL, _DOTS):
            self.pairs(flags, depth)
            return kind, text
        if kind == _CLOSURE:
            self.closure(flags, depth)
            return kind, text
        if kind == _PROMISE:
            self.promise(flags, depth)
            return kind, text
        if kind in _SINGLE:
            return kind, text
        if kind == _REFERENCE:
            text = self.reference(flags >> 8)
        elif kind == _SYMBOL:
            _, text = self.item(depth + 1)
            self.references.append(text)
            self.name(text)
        elif kind in _NAMED:
            self.stream.integer()
            for _ in range(_length(self.stream.integer(), 1000)):
                self.item(depth + 1)
            self.references.append("")
        elif kind == _ENVIRONMENT:
            self.environment(depth)
        elif kind == _ALTERNATIVE:
            self.alternative(depth)
        else:
            text = self.vector(kind, depth)
            if flags & _HAS_ATTRIBUTES:
                self.item(depth + 1)
        return kind, text

    def name(self, text: str) -> None:
        if self.names is not None:
            self.names.add(text)

    def reference(self, index: int) -> str:
        index = index or self.stream.integer()
        if not 1 <= index <= len(self.references):
            raise InputError("the R data refer to nothing")
        self.name(self.references[index - 1])
        return self.references[index - 1]

    def vector(self, kind: int, depth: int) -> str:
        """Any object that is not a list of pairs."""
        stream = self.stream
        if kind in _PRIMITIVES:
            self.name(stream.text(_length(stream.integer(), 1000)).decode("utf-8", "replace"))
            return ""
        if kind == _CHARACTERS:
            length = stream.integer()
            if length == -1:
                return "NA"
            return stream.text(_length(length, MAX_TEXT_BYTES)).decode("utf-8", "replace")
        if kind in (_POINTER, _WEAK):
            self.references.append("")
            for _ in range(2 if kind == _POINTER else 0):
                self.item(depth + 1)
            return ""
        if kind == _S4:
            return ""
        if kind == _BYTECODE:
            stream.integer()
            self.bytecode(depth + 1)
            return ""
        count = stream.integer()
        if count == -1:
            count = (stream.integer() << 32) + (stream.integer() & 0xFFFFFFFF)
        count = _length(count, 1 << 48)
        if kind in _WIDTHS:
            stream.skip(count, _WIDTHS[kind])
        elif kind in (_STRINGS, _LIST, _EXPRESSION):
            for _ in range(count):
                _, text = self.item(depth + 1)
                if kind == _STRINGS and harm((text,)):
                    self.name(text)
        else:
            raise InputError(f"the R data have an object of type {kind}, which does not exist")
        return ""

    def pairs(self, flags: int, depth: int) -> None:
        """A list of pairs or a call: attributes, tag, value, and the rest of the list."""
        callee = flags & 0xFF == _CALL
        while True:
            if flags & _HAS_ATTRIBUTES:
                self.item(depth + 1)
            tag = self.item(depth + 1)[1] if flags & _HAS_TAG else ""
            kind, text = self.item(depth + 1)
            if callee:
                self.calls.add(text)
                callee = False
            if kind == _CLOSURE and flags & _ACTIVE:
                self.notice(EmbeddedCode(tag, "an active binding, whose function runs when it is looked at"))
            flags = self.stream.integer()
            self.items += 1
            if flags & 0xFF not in (_PAIRS, _CALL, _DOTS):
                break
        self.typed(flags, depth + 1)

    def environment(self, depth: int) -> None:
        self.references.append("")
        self.stream.integer()
        outer, self.names = self.names, None
        self.environments += 1
        for _ in range(4):  # enclosure, frame, hash table, attributes
            self.item(depth + 1)
        self.environments -= 1
        self.names = outer

    def closure(self, flags: int, depth: int) -> None:
        if flags & _HAS_ATTRIBUTES:
            self.item(depth + 1)
        if flags & _HAS_TAG:
            self.item(depth + 1)  # its environment
        at = self.stream.at()
        outer, self.names, self.calls = (self.names, self.calls), set(), set()
        self.item(depth + 1)
        self.item(depth + 1)
        names, calls = self.names, self.calls
        self.names, self.calls = outer
        known = harm(names)
        if known is not None or not calls <= HARMLESS:
            self.notice(EmbeddedCode("a function", "a function", _shown(calls - HARMLESS), known, at))

    def promise(self, flags: int, depth: int) -> None:
        """A promise: its environment, its value, its expression."""
        at = self.stream.at()
        outer, self.names = self.names, None
        if flags & _HAS_ATTRIBUTES:
            self.item(depth + 1)
        if flags & _HAS_TAG:
            self.item(depth + 1)
        value, _ = self.item(depth + 1)
        self.names = set()
        expression, _ = self.item(depth + 1)
        names, self.names = self.names, outer
        if value != _UNBOUND or expression not in (_CALL, _BYTECODE, _SYMBOL):
            return
        known = harm(names)
        if known is None and not self.environments:
            known = "runs as soon as the object is looked at, which no R program writes"
        self.notice(EmbeddedCode("a promise", "a promise", _shown(names), known, at))

    def alternative(self, depth: int) -> None:
        """A vector in another form: its class, its state, its attributes."""
        at = self.stream.at()
        outer, self.names = self.names, set()
        self.item(depth + 1)
        names, self.names = self.names, outer
        self.item(depth + 1)
        self.item(depth + 1)
        if not names & _COMPACT:
            what = "a vector that is a mapped file" if any("mmap" in name for name in names) else "a vector"
            self.notice(EmbeddedCode("a vector", f"{what} of a package's own form", _shown(names), None, at))

    def bytecode(self, depth: int) -> None:
        """Compiled code and its constants, among which is every name that it uses."""
        if depth > MAX_DEPTH:
            raise LimitExceeded("the R data nest too deep")
        self.item(depth + 1)
        for _ in range(_length(self.stream.integer(), MAX_ITEMS)):
            kind = self.stream.integer()
            if kind == _BYTECODE:
                self.bytecode(depth + 1)
            elif kind in (_CALL, _PAIRS, _REPEAT, _REPEATED, _CALL_WITH, _PAIRS_WITH):
                self.compiled_call(kind, depth + 1)
            else:
                self.calls.add(self.item(depth + 1)[1])

    def compiled_call(self, kind: int, depth: int) -> None:
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise LimitExceeded("the R data have too many objects, or nest too deep")
        if kind == _REPEATED:
            self.stream.integer()
        elif kind in (_CALL, _PAIRS, _REPEAT, _CALL_WITH, _PAIRS_WITH):
            if kind == _REPEAT:
                self.stream.integer()
                kind = self.stream.integer()
            if kind in (_CALL_WITH, _PAIRS_WITH):
                self.item(depth + 1)
            self.item(depth + 1)  # the tag
            self.compiled_call(self.stream.integer(), depth + 1)
            self.compiled_call(self.stream.integer(), depth + 1)
        else:
            self.calls.add(self.item(depth + 1)[1])


def _shown(names: set[str]) -> str:
    text = " ".join(sorted(names))
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
