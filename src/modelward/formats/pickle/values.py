"""What the symbolic machine holds in place of objects, and what it reports.

Constants (None, bool, int, float, short str and bytes) stand for themselves. An event is what a pickle does
beyond building plain data; nothing later in the stream erases it.
"""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, TypeAlias

from modelward.core.errors import LimitExceeded
from modelward.formats.source import Slice, Source


@dataclass(frozen=True, slots=True, eq=False)
class Global:
    """A module's attribute by name, as the stream asks for it, at a byte offset."""

    module: str
    name: str
    offset: int

    @property
    def qualname(self) -> str:
        """`module.name`."""
        return f"{self.module}.{self.name}"

    @property
    def canonical(self) -> tuple[str, str]:
        """The (module, name) that Python 3 fetches for a name of Python 2, otherwise the name itself."""
        renamed = NAME_MAPPING.get((self.module, self.name))
        return renamed or (IMPORT_MAPPING.get(self.module, self.module), self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """The result of a call."""

    callee: Value
    arguments: Value
    step: str
    offset: int


class Container:
    """A tuple, list, set, frozenset or dict; a dict's items alternate key and value.

    `lost` items were not kept; then nothing may be concluded from an item's absence. No dataclass: there are
    as many of these as instructions, and they take half the time and memory this way.
    """

    __slots__ = ("items", "kind", "lost")

    def __init__(self, kind: ContainerKind, items: list[Value] | None = None, lost: int = 0) -> None:
        self.kind = kind
        self.items: list[Value] = [] if items is None else items
        self.lost = lost

    @property
    def whole(self) -> bool:
        """Whether all items were kept."""
        return self.lost == 0

    @property
    def size(self) -> int:
        """How many items there are; of a dict, keys and values."""
        return len(self.items) + self.lost

    def __repr__(self) -> str:
        return f"Container({self.kind!r}, {self.items!r}{f', lost={self.lost}' if self.lost else ''})"


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """Text (UTF-8, unchecked) or bytes too long to keep, where they lie in the source."""

    kind: Literal["str", "bytes"]
    source: Source
    offset: int
    length: int

    def as_source(self) -> Source:
        """The bytes, to be read as a thing of their own."""
        return Slice(self.source, self.offset, self.length)

    def load(self, limit: int) -> bytes:
        """The bytes in memory. Raises LimitExceeded past `limit`."""
        if self.length > limit:
            raise LimitExceeded(f"a value is over {limit} bytes")
        return self.source.read(self.offset, self.length)


@dataclass(frozen=True, slots=True, eq=False)
class Persistent:
    """What the program that loads gives for a persistent id."""

    pid: Value
    offset: int

    @property
    def of_class(self) -> Global | None:
        """The class that torch's loader gives for `('module', CLASS, FILE, SOURCE)` of its legacy format."""
        pid = self.pid
        if not isinstance(pid, Container) or pid.kind != "tuple" or not pid.whole or len(pid.items) != 4:
            return None
        tag, found, *texts = pid.items
        plain = all(text is None or isinstance(text, str | Blob) for text in texts)
        return found if tag == "module" and plain and isinstance(found, Global) else None


@dataclass(frozen=True, slots=True, eq=False)
class Unknown:
    """Something that cannot be told; `what` says why."""

    what: str


#: Stands between the arguments of a call that are given by place and those that are given by name.
KEYWORDS: Final = Unknown("with keywords")

ContainerKind: TypeAlias = Literal["tuple", "list", "set", "frozenset", "dict"]
Constant: TypeAlias = bool | int | float | str | bytes | None
Value: TypeAlias = Constant | Global | Made | Container | Blob | Persistent | Unknown


class Kind(Enum):
    """What happens when the stream is loaded."""

    REFERENCE = "reference"  # a module's attribute is fetched, and the module imported
    CALL = "call"  # something is called: REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX
    BUILD = "build"  # an object's state is set
    CHANGE = "change"  # items are put into something that is not a plain container
    PERSISTENT = "persistent"  # the loading program is asked for an object by an id
    EXTENSION = "extension"  # an object is fetched by a code of copyreg's registry
    BUFFER = "buffer"  # an object is fetched from outside the stream
    AMBIGUOUS = "ambiguous"  # loaders read this differently, or it cannot be told what it does


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One event: the instruction, where it is, what it acts on, with what."""

    kind: Kind
    step: str
    offset: int
    target: Value
    arguments: Value = None
    note: str = ""


def with_keywords(arguments: Value, keywords: Value) -> Value:
    """The arguments of a call that may have some by name: `(arguments, KEYWORDS, keywords)` if it has."""
    if isinstance(keywords, Container) and keywords.kind == "dict" and keywords.size == 0:
        return arguments
    return Container("tuple", [arguments, KEYWORDS, keywords])
