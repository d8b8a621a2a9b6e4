"""`modelward data collect`: rows as they come, stamped and durable, sealed in signed batches."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelward.cli import output
from modelward.cli.data.options import JSON, KEY, PATH, REGISTRY, check_name, parse_pairs
from modelward.cli.row_difference import counted
from modelward.core.errors import EXIT_CANNOT_TELL, EXIT_YES, InputError, ModelwardError, Rejected, UsageError
from modelward.core.escape import escape

if TYPE_CHECKING:
    from modelward.core.digest import Digest
    from modelward.data.collect import Batch, Capture, Settings, Stamp
    from modelward.data.index import Index
    from modelward.data.ledger import Fact

_CHUNK = 1 << 20
_MAX_LINE = 16 << 20
#: Seconds between looks at whether a batch is old enough to end.
_TICK = 1.0


@click.command("collect")
@click.argument("directory", metavar="DIR", type=PATH)
@click.option("--name", metavar="NAME", help="The dataset's name: begins a capture in DIR.")
@click.option(
    "--source", metavar="URI", help="Where the rows come from: an application, a form, an endpoint."
)
@click.option("--channel", default="feedback", show_default=True, help="How: feedback, transcript…")
@click.option("--licence", "--license", default="", help="The licence of the data.")
@click.option("--consent", default="", help="On what consent it is collected.")
@click.option("--personal-data", default="", help="What personal data it holds: none, pseudonymous…")
@click.option(
    "--column",
    "columns",
    metavar="COLUMN=TYPE",
    multiple=True,
    help="A column (string, int64, double, bool, json); if any is named, others are refused.",
)
@click.option("--rows", type=int, default=100_000, show_default=True, help="Rows that end a batch.")
@click.option(
    "--bytes", "size", type=int, default=64 << 20, show_default=True, help="Bytes that end a batch."
)
@click.option("--age", default="1h", show_default=True, help="Age that ends a batch: 30s, 15m, 1h, 1d.")
@click.option("--contributor", metavar="NAME", help="Whose rows these are (default: you).")
@click.option(
    "--stamped", is_flag=True, help='Lines are {"contributor": …, "row": {…}}, from a front end you trust.'
)
@click.option("--seal", is_flag=True, help="At the end seal the open batch too, full or not.")
@click.option(
    "--check", is_flag=True, help="Read no rows: read the sealed batches again and check the chain."
)
@REGISTRY
@KEY
@JSON
def collect(
    directory: Path,
    contributor: str | None,
    stamped: bool,
    seal: bool,
    check: bool,
    registry: Path | None,
    key: str | None,
    as_json: bool,
    **said: Any,
) -> int:
    """Append rows from standard input (JSON Lines) to the capture in DIR, and seal batches of them.

    Each row gets the columns _contributor, _source and _time; a row that sets one itself is refused, the
    others go on (exit code 2 at the end). "durable N" says that lines 1 to N are safe, whatever happens.

    A batch that ends is sealed: an unchangeable shard, signed as a snapshot with custody (collect), and
    proved to go on from the batches before it. What a killed process left is finished by the next.
    """
    from modelward.data.collect import Capture, Stamp

    settings = _settings(**said)
    if check:
        with Capture(directory, settings) as capture:
            capture.audit()
            _answer_check(capture.sealed, _check_signed(capture.sealed, registry), as_json)
        return EXIT_YES
    with Capture(directory, settings, _Publisher(registry, key)) as capture:
        source = capture.settings.declaration.source
        stamp = Stamp(_contributor(contributor), source.uri if source else "")
        talk = _Talk(as_json)
        talk.sealed(capture.seal())  # what was left by a process that is gone
        with _Sealing(capture, talk):
            refused = _read(capture, stamp, talk, stamped=stamped)
        talk.sealed(capture.seal(everything=seal))
        if capture.open_rows and not as_json:
            output.note(f"open: {capture.open_rows:,} rows, not sealed yet (--seal seals them)")
    return EXIT_CANNOT_TELL if refused else EXIT_YES


def _settings(
    *,
    name: str | None,
    source: str | None,
    channel: str,
    licence: str,
    consent: str,
    personal_data: str,
    columns: tuple[str, ...],
    rows: int,
    size: int,
    age: str,
) -> Settings | None:
    """What a capture is begun with; None for one that was. Raises UsageError."""
    from modelward.core import instant
    from modelward.data.collect import Limits, Settings
    from modelward.data.declaration import Declaration, Source

    if name is None:
        if source or licence or consent or personal_data or columns:
            raise UsageError("a capture keeps what it was begun with", help="add --name NAME to begin one")
        return None
    check_name(name)
    if source is None:
        raise UsageError("a capture says nothing without a source", help="add --source URI")
    declaration = Declaration(
        source=Source(uri=source, channel=channel),
        licence=licence,
        consent=consent,
        personal_data=personal_data,
    )
    limits = Limits(rows, size, int(instant.parse_duration(age).total_seconds()))
    return Settings(name, declaration, parse_pairs(columns, "--column", "text=string"), limits)


def _contributor(named: str | None) -> str:
    """Who gives the rows: the one named, or the user by their name in registries. Raises UsageError."""
    from modelward.cli.home import Home

    name = named or Home.open().name
    if name is None:
        raise UsageError(
            "nobody is signed in", help="say whose rows these are: --contributor NAME, or: modelward init"
        )
    return name


class _Publisher:
    """Signs and publishes to the registry, opened for each batch: a capture may run for weeks."""

    suffix = "bundles.jsonl"

    def __init__(self, registry: Path | None, key: str | None) -> None:
        from modelward.cli.home import Home
        from modelward.cli.publish import registry_directory

        self._registry = registry_directory(registry)
        self._signer = Home.open().signer(key)

    def snapshot_of(self, index: Index) -> Digest | None:
        """Not asked for a collection."""
        return None

    def record(self, facts: Sequence[Fact]) -> Sequence[bytes]:
        """Publish, then give the bundles."""
        from modelward.cli.config import load_config
        from modelward.cli.publish import open_registry
        from modelward.pipeline.recording import Publishing

        with open_registry(self._registry) as opened:
            return Publishing(opened, self._signer, timestamp=load_config().timestamp).record(facts)


class _Talk:
    """What is said while rows come in; from two threads, a line at a time."""

    def __init__(self, as_json: bool) -> None:
        self._json, self._lock = as_json, threading.Lock()

    def durable(self, lines: int) -> None:
        """The lines up to this one are safe."""
        self._say({"durable": lines}, f"durable {lines}")

    def sealed(self, batches: Sequence[Batch]) -> None:
        """These batches are sealed."""
        for batch in batches:
            value = {"batch": batch.number, "rows": batch.rows, "subject": str(batch.subject)}
            value |= {"allRows": batch.whole_rows, "rowsRoot": str(batch.whole_root)}
            text = f"sealed batch {batch.number}: {counted(batch.rows, 'row')} ({batch.subject.short}), "
            self._say({"sealed": value}, text + f"{batch.whole_rows:,} in all")

    def refused(self, line: int, problem: ModelwardError) -> None:
        """A line is not taken."""
        with self._lock:
            output.note(f"refused: line {line}: {escape(problem.message)}")

    def trouble(self, problem: ModelwardError) -> None:
        """A batch cannot be sealed now."""
        with self._lock:
            output.error(problem)

    def _say(self, value: dict[str, Any], text: str) -> None:
        with self._lock:
            if self._json:
                output.answer_json(value)
            else:
                output.answer(text)
            sys.stdout.flush()


class _Sealing:
    """Seals ended batches beside the reading, until it is left. A failure is told once and tried again."""

    def __init__(self, capture: Capture, talk: _Talk) -> None:
        self._capture, self._talk = capture, talk
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sealing", daemon=True)

    def _run(self) -> None:
        told = ""
        while not self._done.wait(_TICK):
            try:
                self._talk.sealed(self._capture.seal())
                told = ""
            except ModelwardError as problem:
                if str(problem) != told:
                    self._talk.trouble(problem)
                told = str(problem)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def _read(capture: Capture, stamp: Stamp, talk: _Talk, *, stamped: bool) -> int:
    """Take the rows of standard input; how many were refused. Those that lie ready share one write."""
    lines = refused = 0
    for chunk in _lines(sys.stdin.fileno()):
        rows: list[tuple[int, tuple[Any, Stamp]]] = []
        for number, line in enumerate(chunk, lines + 1):
            try:
                if line.strip():
                    rows.append((number, _row(line, stamp, stamped)))
            except InputError as problem:
                refused += 1
                talk.refused(number, problem)
        refused += _add(capture, rows, talk)
        lines += len(chunk)
        talk.durable(lines)
    return refused


def _add(capture: Capture, rows: list[tuple[int, tuple[Any, Stamp]]], talk: _Talk) -> int:
    """Add rows together; if one of them is bad, each by itself. How many were refused."""
    if not rows:
        return 0
    try:
        capture.extend([row for _, row in rows])
    except InputError as problem:
        if len(rows) == 1:
            capture.check_open()
            talk.refused(rows[0][0], problem)
            return 1
        half = len(rows) // 2
        return _add(capture, rows[:half], talk) + _add(capture, rows[half:], talk)
    return 0


def _row(line: bytes, stamp: Stamp, stamped: bool) -> tuple[Any, Stamp]:
    from modelward.core import strict_json
    from modelward.data.collect import Stamp

    if len(line) > _MAX_LINE:
        raise InputError(f"the line is over {_MAX_LINE >> 20} MiB")
    value = strict_json.loads(line, what="the line", max_bytes=_MAX_LINE)
    if not stamped:
        return value, stamp
    if not isinstance(value, dict) or not {"contributor", "row"} <= value.keys() <= {
        "contributor",
        "source",
        "row",
    }:
        raise InputError(
            'a stamped line is {"contributor": …, "source": …, "row": {…}}; source may be left out'
        )
    contributor, source = value["contributor"], value.get("source", stamp.source)
    if not isinstance(contributor, str) or not isinstance(source, str):
        raise InputError("contributor and source are text")
    return value["row"], Stamp(contributor, source)


def _lines(descriptor: int) -> Iterator[list[bytes]]:
    """The lines that lie ready, as soon as there are any. One that is too long is cut to just over that."""
    held = bytearray()
    while data := os.read(descriptor, _CHUNK):
        head, newline, tail = data.rpartition(b"\n")
        if newline:
            yield bytes(held + head).split(b"\n")
            held = bytearray(tail)
        elif len(held) <= _MAX_LINE:
            held += data
    if held:
        yield [bytes(held)]


def _check_signed(batches: Sequence[Batch], registry: Path | None) -> bool | None:
    """Hold each batch and the whole up to it against what was signed; None where no registry is named.

    Raises Rejected: who can write to the directory can make batches and receipts that agree.
    """
    from modelward.attest.predicates import Custody
    from modelward.cli.config import load_config
    from modelward.cli.publish import open_evidence

    if registry is None and load_config().registry is None:
        return None
    with open_evidence(registry) as evidence:
        for batch in batches:
            said = [
                verified.statement.typed(Custody).grows
                for verified in evidence.statements_about(batch.subject)
                if verified.statement.predicate_type == Custody.TYPE
            ]
            wanted = (batch.number, batch.whole_rows, str(batch.whole_root))
            if not any(one and (one.batch, one.whole.rows, one.whole.rows_root) == wanted for one in said):
                raise Rejected(
                    f"nobody signed this as batch {batch.number}",
                    where=str(batch.path),
                    help="restore what was sealed",
                )
    return True


def _answer_check(batches: Sequence[Batch], signed: bool | None, as_json: bool) -> None:
    last = batches[-1] if batches else None
    rows = last.whole_rows if last else 0
    if as_json:
        root = str(last.whole_root) if last else None
        output.answer_json({"batches": len(batches), "rows": rows, "rowsRoot": root, "signed": bool(signed)})
        return
    number = counted(len(batches), "batch").replace("batchs", "batches")
    output.answer(f"{number}, {counted(rows, 'row')}: as they were sealed, each going on from the former")
    if last:
        output.answer(f"  ordered  {last.whole_root}")
    if signed is None:
        output.note("not checked: who sealed them; no registry is named")
