"""What a pickle does beyond building plain data: the events that nothing later in the stream erases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from modelward.formats.pickle.values import Value


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
