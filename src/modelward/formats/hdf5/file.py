"""An HDF5 file's superblock, and reading at its addresses."""

from __future__ import annotations

from modelward.core.errors import InputError, LimitExceeded
from modelward.formats.source import Source

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_BLOCK_BYTES = 64 << 20
#: Blocks that may be read of one file; each object takes a few.
MAX_BLOCKS = 1_000_000
#: Bytes that may be read of one file, beyond four times its size: hostile blocks lie over each other.
SPARE_BYTES = 64 << 20


def start_of(source: Source) -> int | None:
    """Where the superblock stands: at 0, or after a user block of 512 bytes times a power of two."""
    at = 0
    while at + len(SIGNATURE) <= source.size:
        if source.read(at, len(SIGNATURE)) == SIGNATURE:
            return at
        at = at * 2 or 512
    return None


class Fields:
    """The fields of one block, one after another. Raises InputError past its end."""

    def __init__(self, data: bytes, file: File, at: int = 0) -> None:
        self.data = data
        self.file = file
        self.at = at

    @property
    def left(self) -> int:
        """Bytes not yet taken."""
        return len(self.data) - self.at

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        begin = self.at
        if count < 0 or begin + count > len(self.data):
            raise InputError("a block of the HDF5 file is shorter than its fields")
        self.at = begin + count
        return self.data[begin : self.at]

    def number(self, width: int) -> int:
        """An unsigned number of `width` bytes."""
        return int.from_bytes(self.bytes(width), "little")

    def address(self) -> int | None:
        """An address, or None for the undefined one."""
        width = self.file.offset_bytes
        value = self.number(width)
        return None if value == (1 << 8 * width) - 1 else value

    def size(self) -> int:
        """A length."""
        return self.number(self.file.length_bytes)

    def text(self) -> str:
        """Text up to a NUL."""
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise InputError("a text of the HDF5 file has no end")
        return self.bytes(end - self.at + 1)[:-1].decode("utf-8", "backslashreplace")


class File:
    """Widths of addresses and lengths, and the root group. Raises InputError where the superblock is
    broken.
    """

    def __init__(self, source: Source, start: int) -> None:
        self.source = source
        self.start = start
        #: Global heap collections read lately: address -> data, and where each object lies in them.
        self.collections: dict[int, tuple[bytes, dict[int, tuple[int, int]]]] = {}
        self.offset_bytes = self.length_bytes = 8
        self._blocks = 0
        self._spare = SPARE_BYTES + 4 * source.size
        fields = Fields(source.read(start, 256), self, 8)
        self.version = fields.number(1)
        if self.version <= 1:
            fields.bytes(4)
            self._widths(fields)
            fields.bytes(1 + 2 + 2 + 4 + (4 if self.version == 1 else 0))
            for _ in range(5):  # base, free space, end of file, driver, offset of the root's name
                fields.address()
            self.root = fields.address()
        elif self.version <= 3:
            self._widths(fields)
            fields.bytes(1)
            for _ in range(3):  # base, superblock extension, end of file
                fields.address()
            self.root = fields.address()
        else:
            raise InputError(f"its HDF5 superblock has version {self.version}, which does not exist")
        if self.root is None:
            raise InputError("its HDF5 superblock names no root group")

    def _widths(self, fields: Fields) -> None:
        widths = fields.number(1), fields.number(1)
        if not {*widths} <= {2, 4, 8}:
            raise InputError(
                f"its HDF5 superblock has addresses of {widths[0]} and lengths of {widths[1]} bytes"
            )
        self.offset_bytes, self.length_bytes = widths

    def block(self, address: int | None, length: int, signature: bytes = b"") -> Fields:
        """The fields of a block, after its signature. Raises InputError, LimitExceeded."""
        self._blocks += 1
        self._spare -= length
        if self._blocks > MAX_BLOCKS or length > MAX_BLOCK_BYTES or self._spare < 0:
            raise LimitExceeded("the HDF5 file has too many or too large blocks")
        data = b"" if address is None else self.source.read(self.start + address, length)
        if len(data) < length:
            raise InputError(f"the HDF5 file breaks off before its block at {address}")
        if not data.startswith(signature):
            raise InputError(f"the HDF5 file has no {signature.decode()} at {address}")
        return Fields(data, self, len(signature))
