"""What to think of an event: allowed, or in which way not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from modelward.formats.pickle import sinks
from modelward.formats.pickle.allowlist import ALLOWED, Entry
from modelward.formats.pickle.storages import storage_of
from modelward.formats.pickle.values import Container, Event, Global, Kind, Made, Unknown, Value

MAX_NAME = 500

NESTED_LOADER = "torch.storage._load_from_bytes"


class Opinion(Enum):
    """From best to worst."""

    ALLOWED = "allowed"
    AMBIGUOUS = "ambiguous"  # it cannot be told what it does
    MISUSED = "misused"  # an allowed global, not used as it should be
    UNKNOWN = "unknown"  # a global on neither list
    CHANGES_GLOBAL = "changes-global"  # a module's attribute is changed in place
    SINK = "sink"  # a global that no model file needs


@dataclass(frozen=True, slots=True)
class Judgement:
    """An opinion of one event: about which global (or other thing), and why.

    `nested` is a value that the loader would unpickle in turn.
    """

    opinion: Opinion
    subject: str = ""
    reason: str = ""
    nested: Value = None


@dataclass(frozen=True, slots=True)
class Judged:
    """An event with its judgement."""

    event: Event
    judgement: Judgement


_ALLOWED = Judgement(Opinion.ALLOWED)


def judge(event: Event, *, torch: bool = False) -> Judgement:
    """The opinion of an event. `torch` says that a torch loader gives the persistent ids their meaning."""
    match event.kind:
        case Kind.REFERENCE:
            return _reference(event.target)
        case Kind.CALL:
            return _call(event)
        case Kind.BUILD:
            return _build(event)
        case Kind.CHANGE:
            return _change(event)
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


def _entry(found: Global) -> Entry | None:
    return ALLOWED.get(found.canonical)


def _reference(value: Value) -> Judgement:
    if not isinstance(value, Global):
        return Judgement(Opinion.UNKNOWN, "something", "it is not known")
    if len(value.module) > MAX_NAME or len(value.name) > MAX_NAME:
        return Judgement(Opinion.UNKNOWN, value.qualname[:MAX_NAME] + "…", "its name is very long")
    if what := sinks.effect(value.module, value.name) or sinks.effect(*value.canonical):
        if _entry(value) is None:
            return Judgement(Opinion.SINK, value.qualname, what)
    elif _entry(value) is None:
        return Judgement(Opinion.UNKNOWN, value.qualname, "it is not among the globals known to be safe")
    return _ALLOWED


def _call(event: Event) -> Judgement:
    callee = event.target
    if not isinstance(callee, Global):
        return Judgement(Opinion.MISUSED, _noun(callee), "it is called, and what it is cannot be told")
    judgement = _reference(callee)
    entry = _entry(callee)
    if judgement.opinion is not Opinion.ALLOWED or entry is None:
        return judgement
    contract = entry.new if event.step.startswith("NEWOBJ") else entry.call
    problem = contract(event.arguments) if contract else "it is not for calling"
    if problem:
        what = sinks.effect(*callee.canonical)
        opinion = Opinion.SINK if what else Opinion.MISUSED
        return Judgement(opinion, callee.qualname, what or problem)
    if callee.qualname == NESTED_LOADER and isinstance(event.arguments, Container):
        return Judgement(Opinion.ALLOWED, nested=event.arguments.items[0])
    return _ALLOWED


def _build(event: Event) -> Judgement:
    target = event.target
    if isinstance(target, Global):
        return Judgement(Opinion.CHANGES_GLOBAL, target.qualname, "its attributes are set")
    made = instance_class(target)
    if made is None:
        return Judgement(Opinion.MISUSED, _noun(target), "its state is set, and what it is cannot be told")
    entry = _entry(made)
    if entry is None:
        return _reference(made)
    problem = entry.state(event.arguments, target) if entry.state else "it is not for setting state on"
    return Judgement(Opinion.MISUSED, made.qualname, problem) if problem else _ALLOWED


def _change(event: Event) -> Judgement:
    target = event.target
    if isinstance(target, Global):
        return Judgement(Opinion.CHANGES_GLOBAL, target.qualname, "items are put into it")
    made = instance_class(target)
    if made is None:
        return Judgement(
            Opinion.MISUSED, _noun(target), "items are put into it, and what it is cannot be told"
        )
    entry = _entry(made)
    if entry is None:
        return _reference(made)
    return _ALLOWED if entry.items else Judgement(Opinion.MISUSED, made.qualname, "items are put into it")


def instance_class(value: Value) -> Global | None:
    """The class of what a call made, where that can be told."""
    if not isinstance(value, Made) or not isinstance(value.callee, Global):
        return None
    module, name = value.callee.canonical
    if (module, name) == ("copyreg", "_reconstructor") or name == "_reconstruct":
        arguments = value.arguments
        first = arguments.items[0] if isinstance(arguments, Container) and arguments.items else None
        return first if isinstance(first, Global) else None
    return value.callee


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
