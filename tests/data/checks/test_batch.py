from modelward.data.checks import corpus
from modelward.data.checks.batch import SAME_INPUT, Batch


def test_copies_count_once_and_are_found_again() -> None:
    batch = Batch(corpus.of_lists(["a b", "c", "A  b", "a b"], None, ["1", "2", "1", "2"]))
    assert batch.kept.tolist() == [0, 1, 3]
    assert batch.rows_of([0]) == (0, 2)


def test_one_input_with_many_outputs_counts_few_times() -> None:
    batch = Batch(corpus.of_lists(["tell me"] * 50, [f"answer {row}" for row in range(50)]))
    assert len(batch.kept) == SAME_INPUT


def test_the_historys_rows_follow_and_are_no_copies() -> None:
    batch = Batch(
        corpus.of_lists(["a", "b"], None, ["x", "y"]), corpus.of_lists(["a", "c"], None, ["y", "z"])
    )
    assert (batch.size, len(batch.kept)) == (2, 4)
    assert batch.labels is not None
    assert [batch.labels.names[code] for code in batch.labels.codes] == ["x", "y", "y", "z"]


def test_contributors_and_times_of_rows_are_told() -> None:
    batch = Batch(
        corpus.of_lists(
            ["a", "b", "c"],
            None,
            ["1", "1", "2"],
            contributors=["eve", "eve", None],
            times=["2026-01-02", "2026-01-01", None],
        )
    )
    assert [(each.name, each.rows) for each in batch.contributors_of((0, 1, 2))] == [("eve", 2)]
    assert batch.seen((0, 1, 2)) == ("2026-01-01", "2026-01-02")
