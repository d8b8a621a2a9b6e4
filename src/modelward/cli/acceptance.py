"""Whether verifiers would accept what a stage points to, told by the very check that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelward.core import instant
from modelward.core.errors import InputError, ModelwardError

if TYPE_CHECKING:
    from modelward.registry.local import Registry


def refusal(registry: Registry, model: str, stage: str) -> ModelwardError | None:
    """Why verifiers would refuse the release bundle of a stage as it is now, None if they accept it."""
    from modelward.deploy.verify import Question, verify_release

    path = registry.layout.release(model, stage)
    try:
        data = path.read_bytes()  # before the clock: another process may have made it just now
    except OSError as error:
        return InputError(
            f"there is no release bundle: {error.strerror}",
            where=str(path),
            help="modelward registry refresh",
        )
    try:
        verify_release(data, Question(model, stage, registry.pin, None, instant.now()))
    except ModelwardError as error:
        return error
    return None
