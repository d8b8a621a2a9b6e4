"""HDF5, read by our own code as far as what a loader acts on: structure, attributes, links and filters.

After the HDF5 file format specification, version 3.0. Numbers of datasets are never read.
"""

from modelward.formats.hdf5.layout import KNOWN_FILTERS
from modelward.formats.hdf5.walk import (
    Attribute,
    External,
    Filter,
    OutsideData,
    Payload,
    Trouble,
    start_of,
    walk,
)

__all__ = [
    "KNOWN_FILTERS",
    "Attribute",
    "External",
    "Filter",
    "OutsideData",
    "Payload",
    "Trouble",
    "start_of",
    "walk",
]
