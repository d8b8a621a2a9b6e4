"""HDF5 files: Keras models and weights, pandas and PyTables stores, any other."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import hdf5, loose_json
from modelward.formats.facts import EmbeddedCode, Malformed, PathEscape, RemoteFetch
from modelward.formats.paths import is_url, leaves
from modelward.formats.source import BytesSource, Source
from modelward.scan import keras_configuration
from modelward.scan.examination import Examination, Place, Reading

#: Attributes that hold a configuration in JSON.
_CONFIGURATIONS = ("model_config", "training_config", "config", "layer_config")
#: Attributes that Keras writes.
_KERAS = {"keras_version", "model_config", "layer_names", "weight_names"}
_EFFECTS = {
    "link": "reading the file opens it through an external link",
    "raw": "a dataset's numbers are read from it",
    "virtual": "a virtual dataset is read from it",
}


def read(source: Source, place: Place, examination: Examination) -> Reading | None:
    """Walk every object. Raises InputError where the superblock is broken, LimitExceeded."""
    start = hdf5.start_of(source)
    if start is None:
        return None
    reading = Reading("HDF5")
    outside: list[hdf5.External] = []
    is_keras = place.name.endswith(".weights.h5")
    for item in hdf5.walk(source, start):
        match item:
            case hdf5.Attribute():
                is_keras = is_keras or item.name in _KERAS
                _attribute(item, reading, place, examination)
            case hdf5.External():
                outside.append(item)
            case hdf5.Filter():
                if item.number not in hdf5.KNOWN_FILTERS:
                    reading.fact(
                        EmbeddedCode(item.path, "a filter that needs a native plug-in", str(item.number))
                    )
            case hdf5.Payload():
                _nested(item.data, f"{place.path}!{item.path}", place, examination)
            case hdf5.Trouble():
                reading.problem = reading.problem or f"{item.path}: {item.message}"
    for found in outside:
        _outside(found, reading, place, is_keras)
    return reading


def _attribute(item: hdf5.Attribute, reading: Reading, place: Place, examination: Examination) -> None:
    if item.name in _CONFIGURATIONS and item.value.lstrip()[:1] in (b"{", b"["):
        try:
            document, twice = loose_json.loads(item.value)
        except InputError as error:
            reading.problem = f"{item.path} {item.name}: {error.message}"
            return
        for name in twice:
            reading.fact(Malformed("Keras", f"its configuration has two fields {name[:80]!r}"))
        keras_configuration.notice(document, reading, place, examination)
    elif _unpickled(item.value):
        _nested(item.value, f"{place.path}!{item.path} {item.name}", place, examination)


def _unpickled(value: bytes) -> bool:
    """Whether PyTables would take an attribute for a pickle, or it begins as one does."""
    return (value[-1:] == b"." and len(value) > 2) or (value[:1] == b"\x80" and value[1:2] <= b"\x05")


def _nested(data: bytes, path: str, place: Place, examination: Examination) -> None:
    try:
        examination.budget.spend_members(1)
    except InputError as error:
        examination.unexamined(path, error.message)
    else:
        inner = Place(path, "", place.depth + 1, inert_text=True, raw="HDF5 data")
        examination.examine(BytesSource(data), inner)


def _outside(found: hdf5.External, reading: Reading, place: Place, is_keras: bool) -> None:
    """CVE-2026-1669: no model needs data from another file."""
    where, effect = f"{found.kind} {found.path}", _EFFECTS[found.kind]
    if is_url(found.file):
        reading.fact(RemoteFetch(where, found.file, effect))
    elif is_keras or leaves(found.file):
        reading.fact(PathEscape(where, found.file, effect))
    else:
        folder = place.name.rpartition("/")[0]
        name = f"{folder}/{found.file}" if folder else found.file
        if name not in place.siblings:
            reading.fact(hdf5.OutsideData(where, found.file, effect))
