"""The audit: is every entry, tile and checkpoint of a log what its signature says, and nothing else?

1. The checkpoint parses, and the log's key signed it.
2. The right edge of the stored tiles gives the signed root. Then every tile is checked against the hash in
   the tile above it, and every entry against its leaf hash: this names what was changed.
3. Otherwise the tree is built anew from the entries. If that gives the signed root, the tiles that differ
   were changed; if not, entries and checkpoint contradict each other.
4. The tree begins with the tree of an older checkpoint, where one is given.

Constant memory: one bundle and a few tiles at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from modelward.core import merkle
from modelward.core.errors import InputError, Rejected
from modelward.log import recovery, tiles
from modelward.log.checkpoint import Checkpoint, SignedCheckpoint
from modelward.log.disk import Disk
from modelward.log.note import NoteKey
from modelward.log.tiles import LEVELS_PER_TILE, WIDTH
from modelward.log.tree import Tree, levels_of, read_bundle, read_tile

#: More problems than this are counted, not listed.
MAX_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was signed. where: an entry, file or checkpoint; what: what is wrong."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was examined, and all that is wrong with it.

    signed: whether a key was given and it signed the checkpoint. old: the older checkpoint that the log was
    compared with. unlisted: problems beyond MAX_PROBLEMS.
    """

    checkpoint: Checkpoint
    signed: bool
    old: Checkpoint | None
    problems: tuple[Problem, ...]
    unlisted: int

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def audit(
    directory: Path, log_key: NoteKey | None = None, old_checkpoint: bytes | None = None
) -> AuditReport:
    """Examine a whole log. Without `log_key` no signature is checked, and the report says so.

    old_checkpoint: a signed checkpoint that someone kept. Raises InputError if there is no log or a
    checkpoint is malformed, Rejected if a checkpoint is not the log's. All else is in the report.
    """
    try:
        disk = recovery.settled(Disk(Path(directory)))
        newest = _verified(recovery.published(disk), log_key)
    except OSError as error:
        raise InputError(f"the log could not be read: {error.strerror}", where=str(directory)) from error
    old = None
    if old_checkpoint is not None:
        old = _verified(SignedCheckpoint.parse(old_checkpoint), log_key)
        if old.origin != newest.origin:
            raise Rejected(f"the old checkpoint is of another log, {old.origin!r}")
    return _Audit(disk, newest, old).run(signed=log_key is not None)


class _Audit:
    """One pass over one log."""

    def __init__(self, disk: Disk, newest: Checkpoint, old: Checkpoint | None) -> None:
        self.disk = disk
        self.newest = newest
        self.old = old
        self.problems: dict[Problem, None] = {}
        self.unlisted = 0
        self.frontier = merkle.Frontier()
        self.old_root = merkle.EMPTY_ROOT
        self.tree = self._stored_tree()

    def run(self, *, signed: bool) -> AuditReport:
        entries_fit = True
        for index in range(-(-self.newest.size // WIDTH)):
            entries_fit &= self._entries(index)
        entries_fit = entries_fit and self.frontier.root() == self.newest.root
        if self.tree is not None:
            for level in range(1, levels_of(self.newest.size)):
                for index in range(self.newest.size >> (LEVELS_PER_TILE * (level + 1))):
                    self._true_tile(self.tree, level, index)
        elif entries_fit:
            self._compare_with_built_tiles()
        if not entries_fit and not self.problems:
            self._problem("checkpoint", "the entries do not give the root that it signs")
        self._check_old()
        return AuditReport(self.newest, signed, self.old, tuple(self.problems), self.unlisted)

    def _stored_tree(self) -> Tree | None:
        """The stored tree if its right edge gives the signed root, so that its tiles judge the entries."""
        try:
            tree = Tree.load(self.disk, self.newest.size)
        except InputError as error:
            self._problem(error.where or "tile", error.message)
            return None
        return tree if tree.root() == self.newest.root else None

    def _entries(self, index: int) -> bool:
        """Compare one bundle with its leaf hashes. Returns whether nothing speaks against it."""
        first = index * WIDTH
        width = min(WIDTH, self.newest.size - first)
        truth = self._true_leaves(index)
        leaves = self._leaves(index, width)
        for leaf in truth or leaves or [bytes(merkle.HASH_BYTES)] * width:
            if self.old is not None and self.frontier.size == self.old.size:
                self.old_root = self.frontier.root()
            self.frontier.append(leaf)
        if leaves is None:
            return False
        if truth is not None:
            for problem in _differences(first, truth, leaves):
                self._problem(problem.where, problem.what)
            return leaves == truth
        if self.tree is not None:
            return self._bundle_fits_its_parent(self.tree, index, leaves)
        return True

    def _true_leaves(self, index: int) -> list[bytes] | None:
        """The leaf hashes of a bundle as the signed root has them; None if their tile was changed."""
        if self.tree is None or not self._true_tile(self.tree, 0, index):
            return None
        data = self.tree.tile(0, index).data
        return [data[at : at + merkle.HASH_BYTES] for at in range(0, len(data), merkle.HASH_BYTES)]

    def _true_tile(self, tree: Tree, level: int, index: int) -> bool:
        """Check a stored tile up to the signed root; what is wrong, perhaps above it, is a problem."""
        try:
            tree.tile(level, index)
        except (InputError, Rejected) as error:
            self._problem(error.where or tiles.tile_name(level, index), error.message)
            return False
        return True

    def _leaves(self, index: int, width: int) -> list[bytes] | None:
        """The hashes of a bundle's entries; None if it is missing or broken."""
        name = tiles.bundle_name(index, width)
        try:
            entries = tiles.decode_bundle(read_bundle(self.disk, index, width))
            leaves = [merkle.leaf_hash(entry) for entry in entries]
        except InputError as error:
            self._problem(error.where or str(self.disk.root / name), error.message)
            return None
        # A full bundle may stand for a partial one: its further entries are not in this tree yet.
        return leaves if self.disk.size(name) else leaves[:width]

    def _bundle_fits_its_parent(self, tree: Tree, index: int, leaves: Sequence[bytes]) -> bool:
        """Judge a bundle whose own tile is no help by the hash in the tile above."""
        try:
            top = tree.hash(LEVELS_PER_TILE, index)
        except (InputError, Rejected):
            return True  # unknown here; the root over all entries decides
        if merkle.root(leaves) != top:
            first = index * WIDTH
            self._problem(f"entries {first} to {first + WIDTH - 1}", "some were changed, with their tile")
            return False
        return True

    def _compare_with_built_tiles(self) -> None:
        """Name the tiles that the entries, which give the signed root, contradict."""
        built = Tree(self.disk, 0, ())
        for index in range(-(-self.newest.size // WIDTH)):
            width = min(WIDTH, self.newest.size - index * WIDTH)
            entries = list(tiles.decode_bundle(read_bundle(self.disk, index, width)))[:width]
            built, files = built.grown(entries)
            for name, data in files.items():
                if not name.startswith("tile/entries/") and not tiles.is_partial(name):
                    self._compare_tile(name, data)
        for level, edge in enumerate(built.edges):
            if edge.width:
                at = self.newest.size >> (LEVELS_PER_TILE * (level + 1))
                self._compare_tile(tiles.tile_name(level, at, edge.width), edge.data, (level, at))

    def _compare_tile(self, name: str, built: bytes, edge: tuple[int, int] | None = None) -> None:
        try:
            if edge is None:
                stored = self.disk.read(name, tiles.TILE_BYTES)
            else:
                stored = read_tile(self.disk, *edge, len(built) // merkle.HASH_BYTES)
        except (OSError, InputError):
            self._problem(str(self.disk.root / name), "the tile is missing or cannot be read")
            return
        if stored != built:
            self._problem(str(self.disk.root / name), "this tile was changed: the entries give another one")

    def _check_old(self) -> None:
        old = self.old
        if old is None:
            return
        if old.size > self.newest.size:
            self._problem(
                "checkpoint",
                f"the log has {self.newest.size} entries, but had {old.size}: it was rolled back",
            )
            return
        root = self.frontier.root() if old.size == self.newest.size else self.old_root
        if root != old.root:
            self._problem(
                "checkpoint", f"the first {old.size} entries are not those that the old checkpoint signs"
            )

    def _problem(self, where: str, what: str) -> None:
        problem = Problem(where, what)
        if len(self.problems) < MAX_PROBLEMS:
            self.problems[problem] = None
        elif problem not in self.problems:
            self.unlisted += 1


def _differences(first: int, truth: Sequence[bytes], found: Sequence[bytes]) -> Iterator[Problem]:
    """What happened to the entries from index `first` on, whose leaf hashes were `truth`."""
    if truth == found:
        return
    if Counter(truth) == Counter(found):
        for at, leaf in enumerate(truth):
            if found[at] != leaf:
                yield Problem(f"entry {first + at}", f"moved to {first + found.index(leaf)}")
        return
    for tag, start, stop, new_start, new_stop in SequenceMatcher(None, truth, found, False).get_opcodes():
        if tag == "equal":
            continue
        in_place = min(stop - start, new_stop - new_start)
        for at in range(start, stop):
            yield Problem(f"entry {first + at}", "changed" if at < start + in_place else "removed")
        if extra := new_stop - new_start - in_place:
            yield Problem(f"entry {first + stop}", f"{extra} forged before it")


def _verified(signed: SignedCheckpoint, key: NoteKey | None) -> Checkpoint:
    return signed.checkpoint if key is None else signed.verify(key)
