from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from modelward.core.errors import Rejected
from modelward.data.custody import Declaration, Details, check
from modelward.data.index import Index

Outcome = dict[str, Any]


@pytest.fixture
def accepted() -> Callable[..., Outcome]:
    """The predicate of the only claim of a step that holds."""

    def run(
        operation: str,
        inputs: list[Index],
        outputs: list[Index],
        dropped: Index | None = None,
        declaration: Declaration | None = None,
        **details: Any,
    ) -> Outcome:
        (claim,) = check(operation, inputs, outputs, dropped, declaration, Details(**details))
        return claim.predicate

    return run


@pytest.fixture
def refused() -> Callable[..., str]:
    """What is said of a step that the rows contradict."""

    def run(
        operation: str,
        inputs: list[Index],
        outputs: list[Index],
        dropped: Index | None = None,
        **details: Any,
    ) -> str:
        with pytest.raises(Rejected) as caught:
            check(operation, inputs, outputs, dropped, None, Details(**details))
        return caught.value.message

    return run
