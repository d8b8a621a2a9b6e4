"""The files of a tree as they are on disk, found without leaving it.

The tree is walked by descriptors relative to its root. Each file and directory is remembered with a `Stamp`
(device, inode, size, times); whoever opens it later compares the stamp, so that nothing can be
put in its place unseen, and `Tree.check_unchanged` looks at all of them again when the reading is over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection

from msgspec import Struct, field

from modelward.artifact.links import LinkResolver
from modelward.artifact.manifest import MAX_FILES
from modelward.artifact.names import MAX_DEPTH, check_name, decode_name
from modelward.core.errors import InputError, LimitExceeded

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class Unreadable(InputError):
    """The system would not open or list something."""


class Stamp(Struct, frozen=True):
    """What tells one state of a file from another. The change time cannot be set back by its owner."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """The stamp in a stat result."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class TreeFile(Struct, frozen=True):
    """A regular file: its name in the manifest, where it is opened (relative to the root), its stamp."""

    name: str
    path: bytes
    stamp: Stamp


class Tree(Struct):
    """The files found under a root. Holds the root's descriptor open; use it in a `with` statement."""

    root: int
    label: str
    files: list[TreeFile] = field(default_factory=list)
    directories: dict[bytes, Stamp] = field(default_factory=dict)

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.root)

    def open(self, file: TreeFile) -> int:
        """A descriptor of `file`, which must be what it was when the tree was walked. Raises InputError."""
        try:
            descriptor = os.open(file.path, _READ, dir_fd=self.root)
        except OSError as error:
            raise unreadable(file.name, error) from None
        if Stamp.of(os.fstat(descriptor)) != file.stamp:
            os.close(descriptor)
            raise changed(file.name)
        return descriptor

    def check_unchanged(self) -> None:
        """Refuse a tree in which anything came, went or changed since the walk. Raises InputError."""
        for path, stamp in self.directories.items():
            self._check(path, path.decode("utf-8", "backslashreplace"), stamp)
        for file in self.files:
            self._check(file.path, file.name, file.stamp)

    def _check(self, path: bytes, name: str, stamp: Stamp) -> None:
        try:
            now = Stamp.of(os.stat(path, dir_fd=self.root, follow_symlinks=False))
        except OSError as error:
            raise unreadable(name, error) from None
        if now != stamp:
            raise changed(name)


def walk(
    path: str | os.PathLike[str], *, ignore: Collection[str] = (), refused: dict[str, str] | None = None
) -> Tree:
    """Find the regular files under the directory `path`, which may itself be a link.

    `ignore` holds paths relative to it (`.git`, `model.sig`) that are left out, with all below them. Raises
    InputError for anything a tree may not hold (DESIGN 1.1), naming it and the remedy; with `refused` that
    goes there instead, name -> why, and the rest of the tree is walked.
    """
    real = os.path.realpath(os.fsencode(path))
    label = os.fsdecode(path)
    try:
        root = os.open(real, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(label, error) from None
    tree = Tree(root, label)
    try:
        _Walk(tree, LinkResolver(real), frozenset(ignore), refused).directory(b".", "", ())
    except BaseException:
        os.close(root)
        raise
    return tree


class _Walk:
    def __init__(
        self, tree: Tree, links: LinkResolver, ignore: frozenset[str], refused: dict[str, str] | None
    ) -> None:
        self.tree = tree
        self.links = links
        self.ignore = ignore
        self.refused = refused
        self.visits = 0

    def directory(self, path: bytes, prefix: str, above: tuple[tuple[int, int], ...]) -> None:
        """Add all files of the directory at `path`; `above` identifies those it lies in."""
        where = prefix or self.tree.label
        if len(above) >= MAX_DEPTH:
            raise LimitExceeded(f"the tree is over {MAX_DEPTH} levels deep", where=where)
        try:
            descriptor = os.open(path, _READ | os.O_DIRECTORY, dir_fd=self.tree.root)
        except OSError as error:
            raise unreadable(where, error) from None
        try:
            stamp = Stamp.of(os.fstat(descriptor))
            identity = (stamp.device, stamp.inode)
            if identity in above:
                raise InputError("the link leads in a circle", where=where, help="remove the link")
            self.tree.directories[path] = stamp
            for raw in self._names(descriptor, where):
                try:
                    self._entry(descriptor, raw, path, prefix, (*above, identity))
                except InputError as error:
                    if self.refused is None or error.where is None:
                        raise
                    self.refused[error.where.rstrip("/")] = error.message
        finally:
            os.close(descriptor)

    def _names(self, descriptor: int, where: str) -> list[bytes]:
        names: list[bytes] = []
        try:
            with os.scandir(descriptor) as listing:
                for item in listing:
                    names.append(os.fsencode(item.name))
                    self.visits += 1
                    if self.visits > 2 * MAX_FILES:
                        raise LimitExceeded(
                            f"the tree has over {MAX_FILES} files", help="pack small files together"
                        )
        except OSError as error:
            raise unreadable(where, error) from None
        return sorted(names)

    def _entry(
        self, descriptor: int, raw: bytes, path: bytes, prefix: str, above: tuple[tuple[int, int], ...]
    ) -> None:
        name = prefix + decode_name(raw)
        if name in self.ignore:
            return
        check_name(name)
        found = raw if path == b"." else path + b"/" + raw
        try:
            status = os.stat(raw, dir_fd=descriptor, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                found = self.links.resolve(found, name)
                status = os.stat(found, dir_fd=self.tree.root, follow_symlinks=False)
        except OSError as error:
            raise unreadable(name, error) from None
        if stat.S_ISREG(status.st_mode):
            self.tree.files.append(TreeFile(name, found, Stamp.of(status)))
        elif stat.S_ISDIR(status.st_mode):
            self.directory(found, name + "/", above)
        else:
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), "not a regular file")
            raise InputError(f"this is {kind}, not a file", where=name, help="remove it from the tree")


def changed(where: str) -> InputError:
    """The error for something that is not what it was a moment ago."""
    return InputError(
        "it changed while it was being read", where=where, help="stop whatever writes to it, then try again"
    )


def unreadable(where: str, error: OSError) -> Unreadable:
    """The error for something that the system would not open or list."""
    reason = error.strerror or type(error).__name__
    return Unreadable(
        f"cannot read it: {reason[:1].lower()}{reason[1:]}",
        where=where,
        help="check that it exists and that you may read it",
    )
