from __future__ import annotations

from modelward.core.progress import Progress, Silent


def test_silent_progress_takes_everything_and_says_nothing() -> None:
    progress: Progress = Silent()
    progress.start(10)
    progress.advance(4)
    progress.done()
