"""Python code acts by itself in a way that could not be judged

Importing this file, or loading or using a model with it, starts a program, opens a connection, installs
packages, or writes outside the model's folder. That may have a reason; what exactly happens cannot be told
from the file alone.

## What to do

Read the lines named. Code that comes with a model defines classes and functions, and does nothing else on
import.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.python_source import CodeUse
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = CodeUse


def check(fact: CodeUse) -> Iterator[Hit]:
    """Any use whose harm is not known."""
    if fact.harm is None:
        yield Hit(
            f"this Python code {fact.what} {fact.when}",
            key=f"{fact.what} {fact.line}",
            expression=fact.expression,
            label=f"line {fact.line}",
            fix="read the line named",
        )
