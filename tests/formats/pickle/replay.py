"""Run streams and tell what came of each: `python replay.py [FOLDER] <streams.json >told.json`.

FOLDER is where compiled modules are; without it, the sources run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import modelward.formats.pickle as package
from modelward.formats.pickle import compiled


def told(stream: bytes) -> dict[str, Any]:
    """Everything that a run shows."""
    from modelward.formats.budget import Budget
    from modelward.formats.pickle.expression import render
    from modelward.formats.pickle.stream import read_stream
    from modelward.formats.pickle.values import Event
    from modelward.formats.source import BytesSource

    events: list[Event] = []
    budget = Budget()
    result = read_stream(BytesSource(stream), 0, events.append, budget)
    return {
        "end": [result.start, result.end, result.trouble, render(result.value, 8), budget.opcodes],
        "events": [
            [
                event.kind.value,
                event.step,
                event.offset,
                render(event.target),
                render(event.arguments),
                event.note,
            ]
            for event in events
        ],
    }


def main(folder: str | None) -> None:
    """Read streams as a JSON list of hex, and write a list of what is told of each."""
    package.__path__[:] = [str(compiled.HERE)]
    if folder is not None and not compiled.prefer(package.__path__, Path(folder)):
        raise SystemExit(f"nothing in {folder} fits")
    from modelward.formats.pickle import machine

    if Path(machine.__file__).suffix == ".py" and folder is not None:
        raise SystemExit("the sources were run")
    json.dump([told(bytes.fromhex(stream)) for stream in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:2] or [None])
