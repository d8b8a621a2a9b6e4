"""`modelward data`: datasets by row: snapshots, custody that is checked, comparison with an index."""

from __future__ import annotations

from typing import Any

import click

from modelward.cli.lazy import LazyGroup
from modelward.core.errors import MissingExtra

#: Command -> (module, function, help).
SUBCOMMANDS = {
    "snapshot": ("data.snapshot", "snapshot", "Digest every row of a dataset and sign the result."),
    "custody": ("data.custody", "custody", "Sign what was done to a dataset, after checking it."),
    "publish": ("data.publish", "publish_statements", "Sign and publish what recorded code left behind."),
    "verify": ("data.verify", "verify", "Name the rows that differ from the index of a snapshot."),
    "profile": ("data.profile", "profile", "Say what a dataset is like, before training on it."),
    "check": ("data.check", "check", "Look for poisoned rows, against trusted history."),
    "review": ("data.review", "review", "Decide about a finding: poison, benign or unsure."),
    "quarantine": ("data.quarantine", "quarantine", "Leave the rows of findings out, with custody."),
    "probe": ("data.probe", "probe", "Replay triggers against a model and its base; search for others."),
    "diff": ("data.diff", "diff", "Show what was added to a dataset and removed, and by whom."),
    "collect": ("data.collect", "collect", "Capture rows as they come: stamped, durable, in signed batches."),
    "export": ("data.export", "export", "Write what is known of a dataset in the formats of others."),
    "import": ("data.import_", "import_", "Record data whose origin a description or pointer declares."),
    "prove": ("data.prove", "prove", "Prove that a row is in a dataset or is not; check a proof."),
    "trace": ("data.trace", "trace", "Trace rows to the datasets, runs and models that hold them."),
    "show": ("data.show", "show", "Show every step from a dataset back to its collection."),
}


class DataCommands(LazyGroup):
    """What can be done with datasets."""

    TABLE = SUBCOMMANDS

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. Raises MissingExtra where what it imports is not installed."""
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if error.name not in ("numpy", "pyarrow"):
                raise
            raise MissingExtra("data", "work on datasets") from None


@click.group(cls=DataCommands)
def data() -> None:
    """Record datasets row by row, and check what was done to them."""
