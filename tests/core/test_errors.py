from __future__ import annotations

import pytest

from modelward.core import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.Rejected, 1),
        (errors.InputError, 2),
        (errors.LimitExceeded, 2),
        (errors.UsageError, 2),
        (errors.Conflict, 2),
    ],
)
def test_exit_code_tells_no_from_could_not_tell(kind: type[errors.ModelwardError], code: int) -> None:
    assert kind("why").exit_code == code


def test_error_names_the_place_and_keeps_the_remedy() -> None:
    error = errors.InputError("it is odd", where="a.bin", help="remove it")
    assert str(error) == "a.bin: it is odd"
    assert (error.message, error.where, error.help) == ("it is odd", "a.bin", "remove it")
    assert str(errors.InputError("it is odd")) == "it is odd"


def test_missing_extra_says_what_to_install() -> None:
    error = errors.MissingExtra("data", "modelward data")
    assert error.exit_code == 2
    assert str(error) == "modelward data needs the extra 'data'"
    assert error.help == "pip install 'modelward[data]'"
