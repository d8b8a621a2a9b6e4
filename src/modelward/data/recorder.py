"""Custody made around code that works on frames, without changing the code.

    @modelward.data.step("filter", "sms-clean")
    def clean(frame):
        return frame[frame.text.str.strip() != ""]

    with modelward.data.recording("filter", "sms-clean") as made:
        made.input(frame)
        kept = made.output(frame[frame.text.str.strip() != ""])

Each frame is written as Parquet and digested when it is handed over; at the end the claim is checked, and
data, index and statements are put into a directory: all of them, or, if the claim does not hold, none.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import wraps
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from modelward.core import atomic
from modelward.core.errors import InputError, UsageError
from modelward.data import frames, surroundings
from modelward.data.custody import OPERATIONS, check_step
from modelward.data.declaration import Declaration, Source
from modelward.data.index import Index, Options, default_path
from modelward.data.ledger import CUSTODY_TYPE, SNAPSHOT_TYPE, Fact, Ledger, Unsigned
from modelward.data.operations.mapping import RowMapping, in_order, joined
from modelward.data.operations.step import Details, Step
from modelward.data.snapshot import take

F = TypeVar("F", bound=Callable[..., Any])

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")


class Recording:
    """One step while it is done: hand it the frames that go in and come out.

    After it, `facts` are its statements and `files` what was written: data, indexes, statements.
    """

    def __init__(
        self, operation: str, names: Sequence[str], into: Path, ledger: Ledger, said: Mapping[str, Any]
    ) -> None:
        if operation not in OPERATIONS:
            known = ", ".join(OPERATIONS)
            raise UsageError(f"unknown operation {operation!r}", help=f"use one of {known}")
        for name in names:
            if not _NAME.match(name):
                raise UsageError(
                    f"not a dataset's name: {name!r}", help="letters, digits, dot, dash, underscore"
                )
        self._operation, self._names, self._into, self._ledger = operation, list(names), into, ledger
        self._details, self._said = _split(said)
        self._inputs: list[Index] = []
        self._outputs: list[Index] = []
        self._dropped: Index | None = None
        self._labels: dict[str, list[Any] | None] = {}
        self._stack = ExitStack()
        self.facts: tuple[Fact, ...] = ()
        self.files: tuple[Path, ...] = ()

    def __enter__(self) -> Recording:
        try:
            atomic.make_directories(self._into)
            place = tempfile.mkdtemp(prefix=".recording-", dir=self._into)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", where=str(self._into)) from None
        self._place = Path(place)
        self._stack.callback(shutil.rmtree, place, ignore_errors=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if kind is None:
                self._finish()

    def input(self, data: Any, name: str = "input") -> Any:
        """What goes in: a frame, the path of a file, or an Index. Returns it, computed if it was lazy."""
        data = frames.settled(data)
        name = name if _NAME.match(name) else "input"
        self._inputs.append(self._taken(data, "in", name, len(self._inputs)))
        return data

    def output(self, data: Any, name: str = "") -> Any:
        """What comes out. A split hands over each part, by the names it was given, in order."""
        data = frames.settled(data)
        name = name or self._name(len(self._outputs))
        self._outputs.append(self._taken(data, "out", name, len(self._outputs)))
        return data

    def dropped(self, data: Any) -> Any:
        """The rows that a filter or map left out."""
        data = frames.settled(data)
        self._dropped = self._taken(data, "dropped", f"{self._name(0)}-dropped", 0)
        return data

    def ran(self, function: Callable[..., Any]) -> None:
        """Record this function's code and the packages it ran with, unless they were declared."""
        more = surroundings.of(function)
        self._said = {**more, **self._said}

    def _name(self, number: int) -> str:
        if number < len(self._names):
            return self._names[number]
        if len(self._names) == 1:
            return f"{self._names[0]}-{number + 1}"
        raise UsageError(f"{self._operation} has more outputs than names", help="give a name for each")

    def _taken(self, data: Any, side: str, name: str, number: int) -> Index:
        if isinstance(data, Index):
            return data
        reason = self._details.get("reason_column", "") if side == "dropped" else ""
        options = Options(label=(reason,) if reason else ())
        if isinstance(data, str | os.PathLike):
            return self._opened(take(data, name, options))
        if not _NAME.match(name):
            raise UsageError(f"not a dataset's name: {name!r}", help="letters, digits, dot, dash, underscore")
        path = self._place / f"{side}-{number}" / f"{name}.parquet"
        frames.write(data, path)
        self._labels[f"{side}-{number}"] = frames.labels(data) if self._operation == "map" else None
        return self._opened(take(path, name, options))

    def _opened(self, index: Index) -> Index:
        self._stack.callback(index.close)
        return index

    def _finish(self) -> None:
        """Check the claim, then put everything in its place; the statements come last."""
        details = Details(**self._details)
        if self._operation == "map" and not (details.mapping or details.key) and self._outputs:
            details = Details(**{**self._details, "mapping": self._mapping()})
        attested = {index.subject: self._ledger.snapshot_of(index) for index in self._inputs}
        step = Step(
            self._operation,
            tuple(self._inputs),
            tuple(self._outputs),
            self._dropped,
            details,
            {subject: found for subject, found in attested.items() if found is not None},
        )
        claims = check_step(step, _declaration(self._said))
        facts = [Fact(index.name, index.subject, SNAPSHOT_TYPE, index.predicate()) for index in self._outputs]
        facts += [Fact(name, subject, CUSTODY_TYPE, predicate) for name, subject, predicate in claims]
        files = self._put(details.mapping)
        lines = self._ledger.record(facts)
        statements = self._into / f"{self._name(0)}.{self._ledger.suffix}"
        atomic.write_bytes(statements, b"".join(line + b"\n" for line in lines))
        self.facts, self.files = tuple(facts), (*files, statements)

    def _mapping(self) -> RowMapping:
        """Which row became which: by the index of pandas frames, else row N became row N."""
        path = self._place / "mapping.parquet"
        before, after = self._labels.get("in-0"), self._labels.get("out-0")
        if len(self._inputs) == 1 and before and after and set(after) <= set(before):
            return joined(self._inputs[0], before, self._outputs[0], after, path)
        return in_order(self._inputs, self._outputs[0], path)

    def _put(self, mapping: RowMapping | None) -> list[Path]:
        """Move outputs and dropped rows to where they stay, with their indexes."""
        kept = []
        results = [*self._outputs, *([self._dropped] if self._dropped else [])]
        for index in results:
            if index.data is None or not index.data.is_relative_to(self._place):
                continue  # it is a file of the user's own
            place = self._into / index.name
            beside = default_path(place)
            index.write(beside)
            index.data.replace(place)
            kept += [place, beside]
        if mapping is not None and mapping.path.is_relative_to(self._place):
            place = self._into / f"{self._outputs[0].name}.mapping.parquet"
            mapping.path.replace(place)
            kept.append(place)
        return kept


def recording(
    operation: str,
    name: str | Sequence[str],
    *,
    into: str | os.PathLike[str] = "custody",
    ledger: Ledger | None = None,
    **said: Any,
) -> Recording:
    """Record a step of custody: `with recording("filter", "clean") as made: ...`.

    `name` is the output's, or one for each output. `into` is the directory for data, indexes and statements;
    `ledger` signs or publishes them (none: unsigned). Everything else is what the operation is told
    (`columns`, `reason_column`, `key`, `fan_out`, `persons`, `rows`) and what is declared (`source`,
    `licence`, `consent`, `parameters`, … as in a custody statement). Leaving the block raises Rejected, with
    the first offending rows, if the rows contradict the operation, and then nothing is kept. Raises
    UsageError, InputError.
    """
    names = [name] if isinstance(name, str) else list(name)
    return Recording(operation, names, Path(into), ledger or Unsigned(), said)


def step(
    operation: str,
    name: str | Sequence[str],
    *,
    into: str | os.PathLike[str] = "custody",
    ledger: Ledger | None = None,
    **said: Any,
) -> Callable[[F], F]:
    """A decorator: each call of the function is recorded, as by `recording`.

    The frames among its arguments go in, those it returns come out: one, several (a tuple or a dictionary of
    a split), or a pair of the kept and the dropped rows.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def recorded(*arguments: Any, **named: Any) -> Any:
            with recording(operation, name, into=into, ledger=ledger, **said) as made:
                made.ran(function)
                names = chain(inspect.signature(function).parameters, repeat("input"))
                arguments = tuple(
                    _handed(made, key, value) for key, value in zip(names, arguments, strict=False)
                )
                named = {key: _handed(made, key, value) for key, value in named.items()}
                return _returned(made, operation, name, function(*arguments, **named))

        return cast(F, recorded)

    return decorate


def _handed(made: Recording, name: str, value: Any) -> Any:
    """An argument, recorded if it is a frame or holds frames."""
    if frames.is_frame(value):
        return made.input(value, name)
    if isinstance(value, Mapping) and value and all(frames.is_frame(item) for item in value.values()):
        return type(value)({key: made.input(item, str(key)) for key, item in value.items()})  # type: ignore[call-arg]
    if isinstance(value, list | tuple) and value and all(frames.is_frame(item) for item in value):
        return type(value)(made.input(item, name) for item in value)
    return value


def _returned(made: Recording, operation: str, name: str | Sequence[str], result: Any) -> Any:
    """The result, its frames recorded."""
    if frames.is_frame(result):
        return made.output(result)
    if isinstance(result, Mapping):
        base = f"{name}-" if isinstance(name, str) else ""
        return type(result)({key: made.output(item, f"{base}{key}") for key, item in result.items()})  # type: ignore[call-arg]
    if isinstance(result, tuple) and len(result) == 2 and OPERATIONS[operation].takes_dropped:
        return made.output(result[0]), made.dropped(result[1])
    if isinstance(result, list | tuple):
        return type(result)(made.output(item) for item in result)
    raise UsageError(
        f"a recorded function gives frames, not {type(result).__name__}", help="return what came out of it"
    )


def _split(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the operation is told, and what is declared. Raises UsageError for neither."""
    told, declared = Details.__dataclass_fields__.keys(), set(Declaration.__struct_fields__)
    for name in said:
        if name not in told and name not in declared:
            raise UsageError(f"a step has no {name!r}", help=f"use {', '.join(sorted({*told, *declared}))}")
    details = {name: value for name, value in said.items() if name in told}
    for name in ("columns", "persons"):
        if name in details:
            details[name] = (details[name],) if isinstance(details[name], str) else tuple(details[name])
    if "rows" in details:
        details["rows"] = frozenset(details["rows"])
    return details, {name: value for name, value in said.items() if name in declared}


def _declaration(said: Mapping[str, Any]) -> Declaration:
    fields = dict(said)
    if isinstance(fields.get("source"), str):
        fields["source"] = Source(uri=fields["source"])
    if "parameters" in fields:
        fields["parameters"] = {str(key): str(value) for key, value in fields["parameters"].items()}
    return Declaration(**fields)
