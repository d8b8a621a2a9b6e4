"""Loading a file fetches something from the network

This file makes its loader open a network address: an external entity of an XML file, a download layer of
Keras, a package index in a requirements file. Whoever owns the address learns who loads the model and decides
what comes back, each time anew.

## What to do

Do not load the file on a machine that can reach the address. Ask the publisher to ship what it fetches.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelward.core.finding import Severity
from modelward.formats.facts import RemoteFetch
from modelward.scan.hits import Hit

SEVERITY = Severity.ERROR
CONSUMES = RemoteFetch


def check(fact: RemoteFetch) -> Iterator[Hit]:
    """Any address that loading opens."""
    yield Hit(
        f"{fact.where} fetches {fact.url!r}: {fact.effect}",
        key=f"{fact.where} {fact.url}",
        offset=fact.offset,
        expression=fact.url,
        fix="do not load it where it can reach the network",
    )
