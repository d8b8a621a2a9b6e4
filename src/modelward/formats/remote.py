"""Files on other machines, read by ranges: only the blocks that somebody looks at are fetched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from modelward.core.errors import InputError
from modelward.formats.source import Source

BLOCK_BYTES = 64 << 10
#: The most that one request asks for: reading on from where the last request ended doubles it up to here.
MAX_REQUEST_BYTES = 4 << 20
MAX_CACHED_BYTES = 32 << 20

#: Gets up to `length` bytes from `offset` on; fewer are an error of the server's. Raises InputError.
Fetch = Callable[[int, int], bytes]


class Changed(InputError):
    """A remote file is not the one that the reading began with."""


class RangeSource(Source):
    """A remote file of a known size.

    Blocks that were fetched are kept, the latest used ones, up to a bound. Once a read finds the file
    changed, `changed` says so: nothing read of it means anything then.
    """

    def __init__(self, size: int, fetch: Fetch, label: str) -> None:
        self.size = size
        self.label = label
        self.changed: Changed | None = None
        self._fetch = fetch
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._ahead = BLOCK_BYTES
        self._next = -1

    def read(self, offset: int, length: int) -> bytes:
        """See `Source.read`. Raises InputError where the server does not answer, Changed."""
        end = min(offset + max(length, 0), self.size)
        parts = []
        while offset < end:
            number, inner = divmod(offset, BLOCK_BYTES)
            part = self._block(number, end)[inner : inner + end - offset]
            parts.append(part)
            offset += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _block(self, number: int, end: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        first = number * BLOCK_BYTES
        self._ahead = min(self._ahead * 2, MAX_REQUEST_BYTES) if first == self._next else BLOCK_BYTES
        wanted = min(max(end - first, self._ahead), MAX_REQUEST_BYTES)
        last = min(-(-(first + wanted) // BLOCK_BYTES) * BLOCK_BYTES, self.size)
        data = self._get(first, last - first)
        self._next = last
        for start in range(0, len(data), BLOCK_BYTES):
            self._blocks[number + start // BLOCK_BYTES] = data[start : start + BLOCK_BYTES]
        while len(self._blocks) * BLOCK_BYTES > MAX_CACHED_BYTES:
            self._blocks.popitem(last=False)
        return data[:BLOCK_BYTES]

    def _get(self, offset: int, length: int) -> bytes:
        try:
            data = self._fetch(offset, length)
        except Changed as error:
            self.changed = error
            raise
        if len(data) != length:
            raise InputError(
                f"asked for {length} bytes from {offset} on, the server gave {len(data)}",
                where=self.label,
                help="try again, or fetch the file and scan it here",
            )
        return data


class Meter(Struct):
    """Counts the bytes of files that were fetched."""

    bytes: int = 0


class RemoteFile(Struct, frozen=True):
    """A remote file by its name in the artifact. `open` makes no request yet."""

    name: str
    size: int
    open: Callable[[], RangeSource]


class RemoteArtifact(Struct, frozen=True):
    """What a URL stands for.

    `declared` is the digest or version that its server gives (`sha256:…`, `gitCommit:…`, `etag:…`);
    `missed` are files that cannot be read: name -> why. `meter` counts what is fetched of all. `close` ends
    the connections.
    """

    url: str
    files: Sequence[RemoteFile]
    meter: Meter
    declared: str | None = None
    missed: Mapping[str, str] = field(default_factory=dict)
    close: Callable[[], None] = lambda: None
