"""log.group: one commit for all who wait, and nobody waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from modelward.core.errors import Conflict, ModelwardError
from modelward.log.group import GroupCommit, Request


class Journal:
    """Commits by counting. `gate` holds the first commit back until it is opened."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.size = 0
        self.gate = threading.Event()
        self.started = threading.Event()
        self.busy = threading.Lock()

    def commit(self, batch: Sequence[Request]) -> None:
        assert self.busy.acquire(blocking=False), "two commits at once"
        self.started.set()
        assert self.gate.wait(10)
        self.batches.append(len(batch))
        for request in batch:
            request.first = self.size
            self.size += len(request.entries)
        self.busy.release()


def in_threads(count: int, work: object) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=(index,)) for index in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    return threads


def test_lone_caller_waits_for_nobody() -> None:
    journal = Journal()
    journal.gate.set()
    group = GroupCommit(journal.commit, 8)
    assert group.submit(Request([b"a", b"b"], None)) == range(2)
    assert group.submit(Request([b"c"], None)) == range(2, 3)
    assert journal.batches == [1, 1]


def test_callers_that_wait_share_a_commit_up_to_the_limit() -> None:
    journal = Journal()
    group = GroupCommit(journal.commit, 8)
    answers: list[range] = []
    first = in_threads(1, lambda _: answers.append(group.submit(Request([b""], None))))
    assert journal.started.wait(10)
    rest = in_threads(20, lambda _: answers.append(group.submit(Request([b""], None))))
    while len(group._waiting) < 20:
        pass
    journal.gate.set()
    for thread in first + rest:
        thread.join(10)
    assert journal.batches == [1, 8, 8, 4]
    assert sorted(answer.start for answer in answers) == list(range(21))


def test_request_larger_than_the_limit_goes_alone() -> None:
    journal = Journal()
    journal.gate.set()
    assert GroupCommit(journal.commit, 8).submit(Request([b""] * 100, None)) == range(100)


def test_many_threads_each_get_their_own_answer() -> None:
    journal = Journal()
    journal.gate.set()
    group = GroupCommit(journal.commit, 16)
    answers: list[int] = []

    def work(_: int) -> None:
        answers.extend(group.submit(Request([b""], None)).start for _ in range(50))

    for thread in in_threads(32, work):
        thread.join(30)
    assert sorted(answers) == list(range(1600))


def test_error_reaches_its_caller_with_place_and_remedy() -> None:
    def commit(batch: Sequence[Request]) -> None:
        for request in batch:
            request.error = Conflict("moved", where="here", help="again")

    with pytest.raises(Conflict, match="moved") as caught:
        GroupCommit(commit, 8).submit(Request([b""], None))
    assert (caught.value.where, caught.value.help) == ("here", "again")


def test_interrupted_leader_fails_its_batch_and_passes_the_lead_on() -> None:
    journal = Journal()
    failing = threading.Event()

    def commit(batch: Sequence[Request]) -> None:
        if not failing.is_set():
            journal.started.set()
            assert journal.gate.wait(10)
            failing.set()
            raise KeyboardInterrupt
        journal.commit(batch)

    group = GroupCommit(commit, 8)
    outcomes: list[str] = []

    def work(_: int) -> None:
        try:
            group.submit(Request([b""], None))
            outcomes.append("done")
        except KeyboardInterrupt:
            outcomes.append("interrupted")

    first = in_threads(1, work)
    assert journal.started.wait(10)
    rest = in_threads(5, work)
    while len(group._waiting) < 5:
        pass
    journal.gate.set()
    for thread in first + rest:
        thread.join(10)
    assert sorted(outcomes) == ["done"] * 5 + ["interrupted"]
    assert group.submit(Request([b""], None)) == range(5, 6)


def test_follower_of_an_interrupted_leader_is_told() -> None:
    request = Request([b""], None)
    with pytest.raises(ModelwardError, match="interrupted"):
        request.result()


def test_waiting_caller_that_is_interrupted_leaves_the_queue() -> None:
    journal = Journal()
    group = GroupCommit(journal.commit, 8)
    leader = in_threads(1, lambda _: group.submit(Request([b""], None)))
    assert journal.started.wait(10)

    class Interrupting(Request):
        def __init__(self) -> None:
            super().__init__([b""], None)
            self.wake = self  # type: ignore[assignment]

        def acquire(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        group.submit(Interrupting())
    journal.gate.set()
    leader[0].join(10)
    assert group.submit(Request([b""], None)) == range(1, 2)
