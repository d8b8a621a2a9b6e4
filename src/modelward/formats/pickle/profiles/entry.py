"""What may be done with one global of the allowlist, and the tables that most of it is written in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from modelward.formats.pickle.contracts import (
    Contract,
    StateContract,
    constants,
    data_state,
    plain_state,
    state_without,
    takes,
)

_TABLES = Path(__file__).with_name("tables")
_NONE: dict[str, Contract] = {}


class Entry(Struct, frozen=True):
    """What may be done with one global; None is not allowed. Being referred to always is.

    `call`: its arguments where it is called; `new`: where an instance is made without its constructor;
    `state`: what may be set on an instance; `items`: whether an instance takes items. `value`: it may be
    kept as a value; `members`: it is an enumeration, whose members `getattr` may read; `methods`: its class
    methods that may be called, by name.
    """

    call: Contract | None = None
    new: Contract | None = None
    state: StateContract | None = None
    items: bool = False
    value: bool = True
    members: bool = False
    methods: Mapping[str, Contract] = field(default_factory=lambda: _NONE)


class Profile(Struct, frozen=True):
    """The allowed globals of one library or group of libraries.

    `read` says which versions' sources were read; `files` are the files that this profile is written in.
    """

    name: str
    read: str
    entries: Mapping[tuple[str, str], Entry]
    files: tuple[Path, ...]

    @property
    def sha256(self) -> str:
        """The digest of the profile's content, in hexadecimal."""
        total = hashlib.sha256()
        for path in self.files:
            data = path.read_bytes()
            total.update(f"{path.name} {len(data)}\n".encode())
            total.update(data)
        return total.hexdigest()


def profile(
    source: str, read: str, entries: Mapping[str, Mapping[str, Entry]] | None = None, *, table: bool = False
) -> Profile:
    """The profile of the module whose `__file__` is `source`: its table, and entries by module and name."""
    path = Path(source)
    base = from_table(path.stem) if table else Profile(path.stem, read, {}, ())
    found = dict(base.entries)
    for module, names in (entries or {}).items():
        for name, entry in names.items():
            found[module, name] = entry
    return Profile(path.stem, read, found, (path, *base.files))


def from_table(name: str) -> Profile:
    """The profile that a table of this name holds. Its first line says what was read."""
    path = _TABLES / f"{name}.txt"
    text = path.read_text(encoding="utf-8")
    return Profile(name, text.partition("\n")[0].removeprefix("# read: "), rows(text), (path,))


#: A value that is only ever referred to: a class, a function, a constant.
VALUE = Entry()
#: A class whose instances are made without a constructor and given their attributes by a dict.
PLAIN = Entry(new=takes(), state=plain_state)

#: What the rows of a table are.
KINDS = {
    "value": VALUE,
    "plain": PLAIN,
    # a subclass of dict, list or set that also has attributes
    "items": Entry(call=takes(), new=takes(), state=plain_state, items=True),
    # an enumeration, called with a member's value
    "enum": Entry(call=takes(constants), members=True),
    # the same, made by a call without arguments
    "namespace": Entry(call=takes(), new=takes(), state=plain_state),
    # a class that looks attributes up by the names in its `attribute_map`
    "config": Entry(new=takes(), state=state_without("attribute_map")),
    # a class that evaluates the formula that it was made with, if its state asks for that
    "formula": Entry(new=takes(), state=state_without("restore_design_info", "restore_model_spec")),
    # a class whose own `__setstate__` takes numbers and texts out of its state, or nothing
    "data": Entry(new=takes(), state=data_state),
    # a class made by parsing the bytes that it is called with, in which nothing is named
    "parsed": Entry(call=takes(constants), state=plain_state),
    # a tuple with names, made of its fields
    "tuple": Entry(new=lambda _: None),
}


def rows(text: str) -> dict[tuple[str, str], Entry]:
    """The entries of a table, which has lines `KIND MODULE NAME...` and comments after `#`."""
    found: dict[tuple[str, str], Entry] = {}
    for line in text.splitlines():
        kind, *rest = line.split() or ("#",)
        if kind != "#":
            module, *names = rest
            found.update(dict.fromkeys([(module, name) for name in names], KINDS[kind]))
    return found
