"""Which files of a directory are rows, and which of them make one shard together.

Datasets that `datasets` saved; tables with the media files that they describe; files of a format that holds
rows. Where there is nothing of these, folders of media, or else files of prose, are the data. All other files
are bound by the directory's digest and counted, not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from modelward.core.digest import Digest
from modelward.core.errors import InputError
from modelward.data.readers import arrow_ipc, compressed, media, saved
from modelward.data.readers.formats import DELIMITED, PROSE, Reader, reader_for, required_reader, suffix_of
from modelward.data.readers.shard import listing_digest

#: Names, in lower case, of files that lie beside data and are none.
COMPANIONS = frozenset(
    {
        "config.json",
        "croissant.json",
        "dataset_infos.json",
        "datapackage.json",
        "package.json",
        "package-lock.json",
        "requirements.txt",
        "robots.txt",
        saved.STATE,
        saved.INFO,
        saved.SPLITS,
    }
)
#: What the names of prose about the data begin with.
ABOUT = ("readme", "license", "licence", "notice", "changelog", "contributing", "citation", "authors")


#: Suffix of the file's name -> how it can be read in pieces; see `Part`.
CUTS = {
    ".parquet": "rows",
    **dict.fromkeys((".csv", ".tsv"), "header"),
    **dict.fromkeys((".jsonl", ".ndjson", ".txt", ".md"), "lines"),
}


@dataclass(frozen=True)
class Part:
    """One shard as it lies: its name in the dataset, the files that it is made of, how it is read.

    `main` is the file that holds its rows; a folder of media has none. `size` is in bytes. `cut` says how the
    file can be read in pieces: at its `rows` (Parquet), at `lines`, at lines below the `header`; empty: not.
    """

    name: str
    files: tuple[str, ...]
    size: int
    read: Reader = field(repr=False, compare=False)
    main: str | None = None
    delimited: bool = False
    cut: str = ""

    @property
    def single(self) -> bool:
        """Whether it is one file and no more."""
        return self.files == (self.main,)

    def digest_in(self, digests: Mapping[str, Digest]) -> Digest | None:
        """What its digest is if its files are these; None if one is not known."""
        if not all(name in digests for name in self.files):
            return None
        known = {name: digests[name] for name in self.files}
        return known[self.files[0]] if self.single else listing_digest(known)


def plan(sizes: Mapping[str, int], contents: Callable[[str], bytes], where: str) -> tuple[Part, ...]:
    """The shards among files of these sizes, in C-locale order of their names.

    `contents` gives what is in a small file. Raises InputError if no file holds rows, or files contradict
    each other.
    """
    stored = saved.find(sizes, contents)
    parts = [_file(name, sizes[name], arrow_ipc.read) for files in stored.values() for name in files]
    media_files = [name for name in sorted(sizes) if media.kind_of(name)]
    tables = _tables(sizes, media_files)
    parts += _described(sizes, media_files, tables)
    prose: list[Part] = []
    for name in sorted(sizes):
        reader = reader_for(name)
        if reader is None or name in tables or _folder(name) in stored or _is_companion(name):
            continue
        (prose if suffix_of(name) in PROSE else parts).append(_file(name, sizes[name], reader))
    if not parts:
        parts = _folders(sizes, media_files) or prose
    if not parts:
        required_reader(where)
    return tuple(sorted(parts, key=lambda part: part.name))


def single(name: str, size: int) -> Part:
    """The one shard of a dataset that is a file. Raises InputError."""
    return _file(name, size, required_reader(name))


def _file(name: str, size: int, reader: Reader) -> Part:
    suffix = suffix_of(name)
    cut = "" if compressed.codec_of(name) else CUTS.get(suffix, "")
    return Part(name, (name,), size, reader, name, suffix in DELIMITED, cut)


def _is_companion(name: str) -> bool:
    last = PurePosixPath(name).name.lower()
    return last in COMPANIONS or (suffix_of(last) in PROSE and last.startswith(ABOUT))


def _tables(sizes: Mapping[str, int], media_files: list[str]) -> dict[str, str]:
    """Name of each table that describes media files -> its folder. Raises InputError."""
    above = {str(folder) for name in media_files for folder in PurePosixPath(name).parents}
    found: dict[str, str] = {}
    for name in sorted(sizes):
        folder = str(PurePosixPath(name).parent)
        if PurePosixPath(name).name in media.TABLES and folder in above:
            if folder in found.values():
                raise InputError(
                    "there are two tables of metadata in one folder", where=name, help="keep one of them"
                )
            found[name] = folder
    return found


def _described(sizes: Mapping[str, int], media_files: list[str], tables: Mapping[str, str]) -> list[Part]:
    """Each table with the files that it must list: those nearest to it."""
    owner = {folder: name for name, folder in tables.items()}
    files: dict[str, list[str]] = {name: [] for name in tables}
    for name in media_files:
        nearest = next((str(up) for up in PurePosixPath(name).parents if str(up) in owner), None)
        if nearest is not None:
            files[owner[nearest]].append(name)
        elif tables:
            raise InputError(
                "no table of metadata describes the file",
                where=name,
                help=f"list it in {media.TABLES[0]} beside it, or move it out of the dataset",
            )
    return [
        Part(
            name,
            (name, *listed),
            sum(sizes[each] for each in (name, *listed)),
            media.read_table,
            name,
            suffix_of(name) in DELIMITED,
        )
        for name, listed in files.items()
    ]


def _folders(sizes: Mapping[str, int], media_files: list[str]) -> list[Part]:
    """A shard for each folder that media files lie in."""
    folders: dict[str, list[str]] = {}
    for name in media_files:
        folders.setdefault(str(PurePosixPath(name).parent), []).append(name)
    return [
        Part(folder, tuple(files), sum(sizes[name] for name in files), media.read_folder)
        for folder, files in folders.items()
    ]


def _folder(name: str) -> str:
    return name.rpartition("/")[0]
