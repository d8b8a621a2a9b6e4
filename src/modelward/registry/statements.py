"""The signed statements themselves, beside the log that names them: immutable files."""

from __future__ import annotations

from modelward.attest.bundle import MAX_BUNDLE_BYTES, Bundle
from modelward.core import atomic
from modelward.core.errors import InputError, Rejected
from modelward.gate.entry import LogEntry
from modelward.registry.layout import Layout


class StatementStore:
    """One file for each signature over each statement."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def put(self, bundle: Bundle) -> None:
        """Keep a bundle. One that is there already stays as it is.

        Raises Rejected for a file in its place that is another: once logged, it would stop every reading.
        """
        path = self._layout.bundle(bundle.statement_id, bundle.key_id)
        if path.exists():
            self.get(LogEntry.of(bundle))
        else:
            atomic.write_bytes(path, bundle.to_bytes())

    def get(self, entry: LogEntry) -> Bundle:
        """The bundle that a log entry names.

        Raises Rejected when it is missing or another one: evidence that was withheld must not read as
        evidence that never was.
        """
        path = self._layout.bundle(entry.statement, entry.key)
        try:
            with path.open("rb") as stream:
                bundle = Bundle.from_bytes(stream.read(MAX_BUNDLE_BYTES + 1))
        except FileNotFoundError:
            raise Rejected(
                f"the log names statement {entry.statement} but it is missing",
                where=str(path),
                help="restore the file from a backup; nothing about its subject can be judged without it",
            ) from None
        except (OSError, InputError) as error:
            raise Rejected(f"the statement cannot be read: {error}", where=str(path)) from error
        if LogEntry.of(bundle) != entry:
            raise Rejected("the statement is not the one that the log names", where=str(path))
        return bundle
