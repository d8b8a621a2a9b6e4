"""What comes out of a packed stream: in memory, or past 8 MiB in an unnamed temporary file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from modelward.core.errors import InputError
from modelward.formats.budget import Expansion
from modelward.formats.source import BytesSource, FileSource, Source

IN_MEMORY_BYTES = 8 << 20


class Unpacked(Struct, frozen=True):
    """The bytes that came out, and why no more did. A payload may stand before the break."""

    source: Source
    trouble: str = ""


@contextmanager
def unpacked(pieces: Iterator[bytes], expansion: Expansion, label: str) -> Iterator[Unpacked]:
    """Unpack all pieces, as far as the budget goes and they can be unpacked. Raises nothing of its own."""
    trouble = ""

    def paid() -> Iterator[bytes]:
        nonlocal trouble
        try:
            for piece in pieces:
                expansion.spend(len(piece))
                yield piece
        except InputError as error:
            trouble = error.message

    held = bytearray()
    flow = paid()
    for piece in flow:
        held += piece
        if len(held) > IN_MEMORY_BYTES:
            break
    else:
        yield Unpacked(BytesSource(bytes(held)), trouble)
        return
    from tempfile import TemporaryFile  # slow to import, seldom needed

    with TemporaryFile() as space:
        space.write(held)
        held.clear()
        space.writelines(flow)
        space.flush()
        yield Unpacked(FileSource(space.fileno(), label), trouble)
