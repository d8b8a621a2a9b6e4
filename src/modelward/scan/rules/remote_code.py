"""A configuration file makes the loader run code

Some libraries find code through fields of JSON files: transformers runs the Python file that `auto_map`
names, Hydra calls what `_target_` names, peft, diffusers and
sentence-transformers import a library by name, Keras runs a `Lambda` layer. Most ask for
`trust_remote_code=True` or the like first; the answer is often yes.

## What to do

Read the code that is named, pin it by digest, or load the model without it. Never set
`trust_remote_code` for a model whose code you have not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.config import CodeReference
from modelward.scan.hits import Hit

SEVERITY = Severity.WARNING
CONSUMES = CodeReference


def check(fact: CodeReference) -> Iterator[Hit]:
    """A field that names or holds code of this repository, or of an installed library."""
    if not fact.elsewhere:
        yield Hit(
            f"this configuration names code: {fact.effect}",
            key=fact.pointer,
            expression=f"{fact.pointer}: {fact.value}",
            fix="read the code it names, or load the model without it",
        )
