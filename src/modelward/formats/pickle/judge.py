"""What to think of an event: allowed, or in which way not."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from modelward.formats.pickle import functions, sinks
from modelward.formats.pickle.beginnings import STARTS
from modelward.formats.pickle.contracts import Harm, is_tool, tuple_items
from modelward.formats.pickle.evidence import suspicious
from modelward.formats.pickle.makers import making
from modelward.formats.pickle.profiles import entry_of
from modelward.formats.pickle.profiles.entry import Entry
from modelward.formats.pickle.reach import MAKERS, Reach, instance_class, is_reached, reach
from modelward.formats.pickle.storages import storage_of
from modelward.formats.pickle.values import (
    KEYWORDS,
    Blob,
    Container,
    Event,
    Global,
    Kind,
    Made,
    Unknown,
    Value,
)

MAX_NAME = 500

NESTED_LOADERS = {
    ("torch.storage", "_load_from_bytes"),
    ("pickle", "loads"), ("_pickle", "loads"), ("cloudpickle", "loads"), ("cloudpickle.cloudpickle", "loads"),
    ("dill", "loads"), ("dill._dill", "loads"), ("joblib.externals.cloudpickle", "loads"),
}  # fmt: skip
_TOOLS = ("getattr", "setattr", "_load_from_bytes")
#: Attributes of instances that Python itself would call or follow.
_HOOKS = frozenset(
    {
        "__builtins__", "__call__", "__class__", "__code__", "__del__", "__getattr__", "__getattribute__",
        "__globals__", "__import__", "__init__", "__new__", "__reduce__", "__reduce_ex__", "__setstate__",
    }
)  # fmt: skip


class Opinion(Enum):
    """From best to worst."""

    ALLOWED = "allowed"
    AMBIGUOUS = "ambiguous"  # it cannot be told what it does
    MISUSED = "misused"  # an allowed global, not used as it should be
    UNKNOWN = "unknown"  # a global on neither list
    SUSPICIOUS = "suspicious"  # an unknown global, given what only an attack gives
    CHANGES_GLOBAL = "changes-global"  # a module's attribute is changed in place
    SINK = "sink"  # a global that no model file needs


class Judgement(Struct, frozen=True):
    """An opinion of one event: about which global (or other thing), and why.

    `nested` is a value that the loader would unpickle in turn.
    """

    opinion: Opinion
    subject: str = ""
    reason: str = ""
    nested: Value = None


class Judged(Struct, frozen=True):
    """An event with its judgement; `beside` is the code beside the file that an unknown global is of."""

    event: Event
    judgement: Judgement
    beside: str = ""


def code_beside(subject: str, names: frozenset[str]) -> str:
    """The file among `names` that importing the module of a global would run, or an empty text."""
    top = subject.partition(".")[0]
    folder = f"{top}/"
    for name in names:
        if name.endswith(".py"):
            if name == f"{top}.py" or name.endswith((f"/{top}.py", f"/{folder}__init__.py")):
                return name
            if name.startswith(folder):
                return name
    return ""


_ALLOWED = Judgement(Opinion.ALLOWED)
_NO_PINS: frozenset[str] = frozenset()
_UNLISTED = "it is not among the globals known to be safe"


def judge(event: Event, *, torch: bool = False, pinned: frozenset[str] = _NO_PINS) -> Judgement:
    """The opinion of an event.

    `torch` says that a torch loader gives the persistent ids their meaning, `pinned` names unknown globals
    that the user allows in this file.
    """
    match event.kind:
        case Kind.REFERENCE:
            return _allow(_reference(event.target), pinned)
        case Kind.CALL:
            return _allow(_call(event), pinned)
        case Kind.BUILD:
            return _allow(_build(event), pinned)
        case Kind.CHANGE:
            return _allow(_change(event), pinned)
        case Kind.PERSISTENT:
            if torch and storage_of(event.target):
                return _ALLOWED
            why = "it asks the program that loads it for an object"
            return Judgement(Opinion.MISUSED, "a persistent id", why)
        case Kind.EXTENSION:
            return Judgement(
                Opinion.UNKNOWN,
                f"copyreg extension {event.target!r}",
                "which global that is depends on the loader",
            )
        case Kind.BUFFER:
            return Judgement(Opinion.MISUSED, "a buffer", "its data come from outside the file")
        case _:
            return Judgement(Opinion.AMBIGUOUS, event.note, event.note)


def _allow(judgement: Judgement, pinned: frozenset[str]) -> Judgement:
    """Take back the doubt about a global that the user pinned: that nobody knows it, and nothing worse."""
    if judgement.opinion is Opinion.UNKNOWN and judgement.subject in pinned:
        return replace(judgement, opinion=Opinion.ALLOWED)  # what it would unpickle is examined all the same
    return judgement


# being referred to


def _reference(value: Value) -> Judgement:
    if not isinstance(value, Global):
        return Judgement(Opinion.UNKNOWN, "something", "it is not known")
    if len(value.module) > MAX_NAME or len(value.name) > MAX_NAME:
        return Judgement(Opinion.UNKNOWN, value.qualname[:MAX_NAME] + "…", "its name is very long")
    if entry_of(value) is not None:
        return _ALLOWED
    if not all(part.isidentifier() for part in value.module.split(".")):
        # No such module can be: text taken for a pickle (`import os`, a newline, `os.system('id')`).
        return Judgement(Opinion.UNKNOWN, value.qualname, _UNLISTED)
    places = {(value.module, value.name), value.canonical}
    for place in places:
        if what := sinks.effect(*place) or sinks.reached(*place):
            return Judgement(Opinion.SINK, value.qualname, what)
    return Judgement(Opinion.UNKNOWN, value.qualname, _UNLISTED)


# being called


def _call(event: Event) -> Judgement:
    callee = event.target
    if isinstance(callee, Made):
        return _call_result(event, callee)
    if not isinstance(callee, Global):
        return Judgement(Opinion.MISUSED, _noun(callee), "it is called, and what it is cannot be told")
    entry = entry_of(callee)
    if entry is None:
        return _unlisted(event, callee)
    if callee.canonical in MAKERS:
        return _maker(event, callee)
    if callee.canonical == ("builtins", "getattr"):
        return _getattr(event)
    return _nested(_contract(entry, event, callee), callee, event.arguments)


def _unlisted(event: Event, callee: Global) -> Judgement:
    """A call of a global that is not on the list of the allowed."""
    brought = functions.judged(callee, event.arguments)
    if brought is not None:
        harmful, why = brought
        return Judgement(Opinion.SINK if harmful else Opinion.UNKNOWN, callee.qualname, why)
    judged = _reference(callee)
    if judged.opinion is Opinion.UNKNOWN:
        return _unknown(event, callee)
    return _nested(judged, callee, event.arguments)


def _contract(entry: Entry, event: Event, callee: Global) -> Judgement:
    """Whether an allowed global is used as it should be."""
    if _has_keywords(event.arguments):
        problem: str | None = "it is given arguments by name"
    elif _makes_bare(event):
        problem = entry.new(event.arguments) if entry.new else "it is not for making instances"
    else:
        problem = entry.call(event.arguments) if entry.call else "it is not for calling"
    if problem is None:
        return _ALLOWED
    what = sinks.effect(*callee.canonical)
    if what is None and entry.call is None and entry.new is None:
        what = sinks.call_effect(*callee.canonical)
    if what is None and _hands_on_a_tool(event.arguments):
        what = "hands on a function that reaches anything by name"
    if what is None and (evidence := suspicious(event.arguments, function=True)):
        return Judgement(Opinion.SUSPICIOUS, callee.qualname, evidence)
    return _misused(callee.qualname, Harm(what) if what else problem)


def _makes_bare(event: Event) -> bool:
    """Whether a class is made without its constructor; OBJ and INST do that if there are no arguments.

    Those call what is no class, and the old classes of Python 2; no writer uses them for a function.
    """
    if event.step in ("INST", "OBJ"):
        return tuple_items(event.arguments) == []
    return event.step.startswith("NEWOBJ")


def _has_keywords(arguments: Value) -> bool:
    return isinstance(arguments, Container) and KEYWORDS in arguments.items[1:2]


def _misused(subject: str, problem: str) -> Judgement:
    return Judgement(Opinion.SINK if isinstance(problem, Harm) else Opinion.MISUSED, subject, problem)


def _unknown(event: Event, callee: Global) -> Judgement:
    """A call of a global that is on no list: what its name and its arguments show."""
    made_bare = event.step.startswith("NEWOBJ")
    if not made_bare:
        what = sinks.call_effect(callee.module, callee.name) or sinks.call_effect(*callee.canonical)
        if what:
            return Judgement(Opinion.SINK, callee.qualname, what, _pickle_in(event.arguments))
    if _hands_on_a_tool(event.arguments):
        return Judgement(Opinion.SINK, callee.qualname, "hands on a function that reaches anything by name")
    nested = _pickle_in(event.arguments)
    function = not made_bare and not _is_class(callee.name)
    if evidence := suspicious(event.arguments, function=function):
        return Judgement(Opinion.SUSPICIOUS, callee.qualname, evidence, nested)
    return Judgement(Opinion.UNKNOWN, callee.qualname, _UNLISTED, nested)


def _call_result(event: Event, callee: Made) -> Judgement:
    """A call of what a call returned."""
    if (found := functions.called(callee, event.arguments)) is not None:
        harmful, why = found
        return Judgement(Opinion.SINK if harmful else Opinion.UNKNOWN, _noun(callee), why)
    if is_reached(callee):
        return _call_attribute(event, callee)
    if event.step == "REDUCE" and (evidence := suspicious(event.arguments, function=True)):
        return Judgement(Opinion.SUSPICIOUS, _noun(callee), evidence)
    return Judgement(Opinion.MISUSED, _noun(callee), "it is called, and what it is cannot be told")


def _call_attribute(event: Event, callee: Made) -> Judgement:
    """A call of what `getattr` gave."""
    items = callee.arguments.items if isinstance(callee.arguments, Container) else []
    kind, owner = reach(callee.arguments)
    if kind is Reach.SINK or len(items) != 2:
        return Judgement(Opinion.SINK, _noun(callee), "calls what it reached by name")
    name = items[1] if isinstance(items[1], str) else ""
    subject = f"{owner}.{name}"
    if kind is Reach.MEMBER:
        made = items[0] if isinstance(items[0], Global) else instance_class(items[0])
        entry = entry_of(made) if made is not None else None
        contract = entry.methods.get(name) if entry is not None else None
        problem = contract(event.arguments) if contract else Harm("calls what it reached by name")
        return _ALLOWED if problem is None else _misused(subject, problem)
    evidence = suspicious(event.arguments, function=True)
    opinion = Opinion.SUSPICIOUS if evidence else Opinion.UNKNOWN
    return Judgement(opinion, subject, evidence or _UNLISTED, _pickle_in(event.arguments))


def _getattr(event: Event) -> Judgement:
    if functions.sets_cells(event.arguments):
        return Judgement(Opinion.UNKNOWN, "dill._dill._setattr", _UNLISTED)
    kind, owner = reach(event.arguments)
    if kind is Reach.MEMBER:
        return _ALLOWED
    if kind is Reach.SINK:
        return Judgement(Opinion.SINK, "builtins.getattr", "imports or reaches anything by name")
    return Judgement(Opinion.UNKNOWN, owner, "an attribute of it is fetched by name")


def _maker(event: Event, callee: Global) -> Judgement:
    """A class is made by one of copyreg's functions."""
    made, arguments, problem = making(callee, event.arguments)
    if isinstance(made, Made):
        return Judgement(Opinion.UNKNOWN, _noun(made), "an instance of it is made")
    if not isinstance(made, Global):
        return Judgement(Opinion.MISUSED, callee.qualname, "it is not told what to make")
    if problem and entry_of(made) is not None:
        return Judgement(Opinion.MISUSED, callee.qualname, problem)
    return judge(Event(Kind.CALL, "NEWOBJ", event.offset, made, arguments))


def _hands_on_a_tool(arguments: Value) -> bool:
    """Whether a function that is allowed for some arguments only (`getattr`) is given to another."""
    items = _first_items(arguments, 16)
    return any(isinstance(item, Global) and item.name in _TOOLS and _is_tool(item) for item in items)


def _first_items(arguments: Value, most: int) -> list[Value]:
    """The first arguments, and the first of those that are given by name."""
    if not isinstance(arguments, Container):
        return []
    items = arguments.items[:most]
    if _has_keywords(arguments):
        items = [given for part in items if isinstance(part, Container) for given in part.items[:most]]
    return items


def _is_tool(item: Global) -> bool:
    return is_tool(item) or item.canonical == ("builtins", "setattr")


def _nested(judgement: Judgement, callee: Global, arguments: Value) -> Judgement:
    """The judgement with the pickle that a known loader would load."""
    if callee.canonical not in NESTED_LOADERS or not (isinstance(arguments, Container) and arguments.items):
        return judgement
    return Judgement(judgement.opinion, judgement.subject, judgement.reason, arguments.items[0])


def _pickle_in(arguments: Value) -> Value:
    """Bytes among the arguments of an unknown function that are a pickle."""
    for item in _first_items(arguments, 8):
        start = item[:2] if isinstance(item, bytes) else b""
        if isinstance(item, Blob) and item.kind == "bytes":
            start = item.source.read(item.offset, 2)
        if start in STARTS:
            return item
    return None


def _is_class(name: str) -> bool:
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()


# being changed


def _build(event: Event) -> Judgement:
    target = event.target
    if isinstance(target, Global):
        return Judgement(Opinion.CHANGES_GLOBAL, target.qualname, "its attributes are set")
    made = instance_class(target)
    if made is None:
        if hook := _hook(event.arguments):
            return Judgement(Opinion.SINK, _noun(target), f"sets {hook}, which Python follows or calls")
        return Judgement(Opinion.MISUSED, _noun(target), "its state is set, and what it is cannot be told")
    entry = entry_of(made)
    if entry is None:
        if hook := _hook(event.arguments):
            return Judgement(Opinion.SINK, made.qualname, f"sets {hook}, which Python follows or calls")
        return _reference(made)
    problem = entry.state(event.arguments, target) if entry.state else "it is not for setting state on"
    if problem is None:
        return _ALLOWED
    if hook := _hook(event.arguments):
        problem = Harm(f"sets {hook}, which Python follows or calls")
    return _misused(made.qualname, problem)


def _hook(state: Value) -> str | None:
    """An attribute in a state that Python would call or follow."""
    parts = state.items if isinstance(state, Container) and state.kind == "tuple" else [state]
    for part in parts:
        if isinstance(part, Container) and part.kind == "dict":
            for key in part.items[::2]:
                if isinstance(key, str) and key in _HOOKS:
                    return key
    return None


def _change(event: Event) -> Judgement:
    target = event.target
    if isinstance(target, Global):
        return Judgement(Opinion.CHANGES_GLOBAL, target.qualname, "items are put into it")
    made = instance_class(target)
    if made is None:
        return Judgement(
            Opinion.MISUSED, _noun(target), "items are put into it, and what it is cannot be told"
        )
    entry = entry_of(made)
    if entry is None:
        return _reference(made)
    return _ALLOWED if entry.items else Judgement(Opinion.MISUSED, made.qualname, "items are put into it")


def _noun(value: Value) -> str:
    match value:
        case Made(callee=Global() as callee):
            return f"what {callee.qualname} returns"
        case Container():
            return f"a {value.kind}"
        case Unknown():
            return value.what
        case _:
            return "a value"
