"""One budget for everything that is unpacked and interpreted while an artifact is examined.

Past a bound the answer is *incomplete*: whoever spends catches LimitExceeded and says so.
"""

from __future__ import annotations

from msgspec import Struct

from modelward.core.errors import LimitExceeded

MAX_EXPANDED_BYTES = 4 << 30
MAX_MEMBERS = 200_000
MAX_OPCODES = 100_000_000
MAX_DEPTH = 8
#: Packed bytes may become this many times as many, past the first `FREE_BYTES` of what comes out: those of
#: one stream, and all together measured by the files on the disk.
MAX_RATIO = 250
FREE_BYTES = 100 << 20


class Budget(Struct):
    """What may still be spent. Shared by all files and members of one examination."""

    expanded_bytes: int = MAX_EXPANDED_BYTES
    members: int = MAX_MEMBERS
    opcodes: int = MAX_OPCODES
    depth: int = MAX_DEPTH
    given: int = 0
    out: int = 0

    def admit(self, count: int) -> None:
        """Count the bytes of a file that is examined, by which what is unpacked is measured."""
        self.given += count

    def spend_bytes(self, count: int) -> None:
        """Count decompressed bytes. Raises LimitExceeded."""
        self.expanded_bytes -= count
        self.out += count
        if self.expanded_bytes < 0:
            raise LimitExceeded(f"it unpacks to over {MAX_EXPANDED_BYTES >> 30} GiB")
        if self.given and self.out > 2 * FREE_BYTES and self.out > MAX_RATIO * self.given:
            raise LimitExceeded(f"all that is packed unpacks to over {MAX_RATIO} times the size of the files")

    def spend_members(self, count: int) -> None:
        """Count members of archives. Raises LimitExceeded."""
        self.members -= count
        if self.members < 0:
            raise LimitExceeded(f"there are over {MAX_MEMBERS} members in archives")

    def spend_opcodes(self, count: int) -> None:
        """Count pickle instructions. Raises LimitExceeded."""
        self.opcodes -= count
        if self.opcodes < 0:
            raise LimitExceeded(f"there are over {MAX_OPCODES} pickle instructions")

    def check_depth(self, depth: int) -> None:
        """Refuse a member that lies too deep. Raises LimitExceeded."""
        if depth > self.depth:
            raise LimitExceeded(f"it is nested over {self.depth} levels deep")


class Expansion(Struct):
    """One packed stream of `packed` bytes and what has come out of it."""

    budget: Budget
    packed: int
    out: int = 0

    def spend(self, count: int) -> None:
        """Count decompressed bytes. Raises LimitExceeded past the budget, or where it is a bomb."""
        self.out += count
        self.budget.spend_bytes(count)
        if self.out > FREE_BYTES and self.out > MAX_RATIO * self.packed:
            raise LimitExceeded(f"it unpacks to over {MAX_RATIO} times its size")
