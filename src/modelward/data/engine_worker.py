"""A worker process of engine_local: reads jobs (function, item) from its input, writes (good, outcome)."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback

from modelward.core.errors import ModelwardError


def main() -> None:
    """Work until the input ends."""
    sys.modules["pandas"] = None  # type: ignore[assignment]  # pyarrow would import it, to no use, for 0.5 s
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told of it, and ends us
    jobs = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    outcomes = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no outcome
    while True:
        try:
            function, item = pickle.load(jobs)  # noqa: S301  from our own parent
        except EOFError:
            return
        try:
            outcome = (True, function(item))
        except ModelwardError as error:
            outcome = (False, error)
        except Exception:  # noqa: BLE001  raised again in the parent
            outcome = (False, RuntimeError(traceback.format_exc()))
        try:
            pickle.dump(outcome, outcomes, protocol=5)
            outcomes.flush()
        except BrokenPipeError:
            os._exit(0)


if __name__ == "__main__":
    main()
