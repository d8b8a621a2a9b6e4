import pytest
from tests.data.checks.conftest import Reviews

from modelward.core.errors import UsageError
from modelward.data.checks import corpus, run


def test_a_check_that_is_not_there_is_an_error(clean: Reviews) -> None:
    with pytest.raises(UsageError, match="no check is called 'luck'"):
        run.check(clean.corpus(), options=run.Options(checks=("luck",)))


@pytest.mark.parametrize("name", run.CHECKS)
def test_every_check_has_its_help_and_a_version(name: str) -> None:
    module = run.module(name)
    assert module.__doc__
    assert module.VERSION >= 1


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_tiny_batches_break_nothing(rows: int) -> None:
    made = corpus.of_lists(["a b c"] * rows, ["yes"] * rows, ["x"] * rows)
    assert run.check(made).rows == rows
