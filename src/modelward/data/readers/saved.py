"""Datasets as `datasets` saves them (`save_to_disk`): `state.json` names the Arrow files of a dataset,
`dataset_dict.json` the folders of its splits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from modelward.core import strict_json
from modelward.core.errors import InputError

STATE, INFO, SPLITS = "state.json", "dataset_info.json", "dataset_dict.json"

_MAX_BYTES = 16 << 20


def find(names: Iterable[str], contents: Callable[[str], bytes]) -> dict[str, list[str]]:
    """Folder -> the names of its Arrow files, in order, of each saved dataset among `names`.

    `contents` gives what is in a small file. Raises InputError for a dataset that is not as it was saved.
    """
    known = set(names)
    folders = [_folder(name) for name in known if PurePosixPath(name).name == STATE]
    found = {
        folder: _data_files(folder, known, contents)
        for folder in sorted(folders)
        if _join(folder, INFO) in known
    }
    for name in sorted(known):
        if PurePosixPath(name).name == SPLITS:
            _check_splits(name, found, contents)
    return found


def _data_files(folder: str, known: set[str], contents: Callable[[str], bytes]) -> list[str]:
    where = _join(folder, STATE)
    state = _object(where, contents)
    if state.get("_indices_data_files"):
        raise InputError(
            "the dataset is a selection of its rows that was never written out",
            where=where,
            help="load it, call flatten_indices() and save it again",
        )
    listed = state.get("_data_files")
    if not isinstance(listed, list) or not all(_is_file(entry) for entry in listed):
        raise InputError("it does not list the data files", where=where, help="save the dataset again")
    files = [_join(folder, entry["filename"]) for entry in listed]
    if sorted(set(files)) != files:
        raise InputError(
            "the data files are not listed in order of their names, each once",
            where=where,
            help="save the dataset again",
        )
    for name in files:
        if name not in known:
            raise InputError(f"the file is missing, which {where} lists", where=name)
    for name in sorted(known - set(files)):
        if _folder(name) == folder and PurePosixPath(name).match("data-*.arrow"):
            raise InputError(
                f"the file is not listed in {where}",
                where=name,
                help="move it out of the dataset",
            )
    return files


def _is_file(entry: Any) -> bool:
    name = entry.get("filename") if isinstance(entry, Mapping) else None
    return isinstance(name, str) and name.endswith(".arrow") and "/" not in name and "\\" not in name


def _check_splits(where: str, found: Mapping[str, list[str]], contents: Callable[[str], bytes]) -> None:
    splits = _object(where, contents).get("splits")
    if not isinstance(splits, list) or not all(isinstance(split, str) for split in splits):
        raise InputError("it does not list the splits", where=where, help="save the dataset again")
    folder = _folder(where)
    listed = {_join(folder, split) for split in splits}
    saved = {name for name in found if _folder(name) == folder and name != folder}
    for name in sorted(listed ^ saved):
        what = "is missing" if name in listed else "is not listed"
        raise InputError(f"the split {name!r} {what}", where=where, help="save the dataset again")


def _object(where: str, contents: Callable[[str], bytes]) -> dict[str, Any]:
    try:
        value = strict_json.loads(contents(where), what="it", max_bytes=_MAX_BYTES)
    except InputError as error:
        raise type(error)(error.message, where=error.where or where, help=error.help) from None
    if not isinstance(value, dict):
        raise InputError("it is not an object", where=where)
    return value


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
