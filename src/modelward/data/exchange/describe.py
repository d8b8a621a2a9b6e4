"""What an index or a signed snapshot says of its dataset, as a description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from modelward.data.exchange.columns import field_of, media_type
from modelward.data.exchange.facts import Description, File, Files, Records
from modelward.data.index import Index

#: The name of the table, and of the set of its shards where there are several.
ROWS = "rows"
SHARDS = "shards"
#: The file that lists the files of a directory.
LISTING = "SHA256SUMS"


def of_index(index: Index, sizes: Mapping[str, int] | None = None) -> Description:
    """What an index says of its dataset. `sizes` are the bytes of its shards, where they are at hand."""
    roles = {
        **dict.fromkeys(index.options.contributor, "wasAttributedTo"),
        **dict.fromkeys(index.options.source, "hadPrimarySource"),
        **dict.fromkeys(index.options.time, "generatedAtTime"),
    }
    return of_snapshot(
        name=index.dataset,
        subject=str(index.subject),
        shards=[(shard.path, str(shard.digest)) for shard in index.shards],
        columns=[(column.name, column.type) for column in index.columns],
        rows=index.rows,
        roots=(str(index.rows_root), str(index.set_root)),
        sizes=sizes or {},
        roles=roles,
    )


def of_snapshot(
    *,
    name: str,
    subject: str,
    shards: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    rows: int,
    roots: tuple[str, str],
    sizes: Mapping[str, int],
    roles: Mapping[str, str],
) -> Description:
    """What a snapshot says: shards as (path, digest), columns as (name, Arrow type), both roots.

    Of a directory the listing of its files is one of them: SHA256SUMS, whose own SHA-256 is the dirHash.
    """
    files = [_file(path, digest, sizes.get(path)) for path, digest in shards]
    media = files[0].media
    source = files[0].path if len(files) == 1 else SHARDS
    sets = (
        ()
        if len(files) == 1
        else (Files(name=SHARDS, includes=tuple(file.path for file in files), media=media),)
    )
    if subject.startswith("dirHash:"):
        listing = "the listing of all files; the dataset's dirHash is its SHA-256"
        files.append(
            File(
                path=LISTING, sha256=subject.removeprefix("dirHash:"), media="text/plain", description=listing
            )
        )
    fields = tuple(field_of(column, kind, source, media, roles.get(column, "")) for column, kind in columns)
    return Description(
        name=name,
        files=tuple(files),
        sets=sets,
        records=(Records(name=ROWS, fields=fields),),
        rows=rows,
        subject=subject,
        rows_root=roots[0],
        set_root=roots[1],
    )


def _file(path: str, digest: str, size: int | None) -> File:
    """A shard. One of several files has no SHA-256 of its own: it is in the listing."""
    if digest.startswith("sha256:"):
        return File(path=path, sha256=digest.removeprefix("sha256:"), size=size, media=media_type(path))
    return File(path=path, size=size, media=media_type(path), inside=(LISTING,))
