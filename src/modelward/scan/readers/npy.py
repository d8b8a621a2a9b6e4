"""numpy arrays. Objects are a pickle; what follows the data is examined as a file of its own."""

from __future__ import annotations

from modelward.core.errors import InputError
from modelward.formats import npy
from modelward.formats.facts import Overflow
from modelward.formats.source import Slice, Source
from modelward.scan.examination import Examination, Place, Reading


def read(source: Source, place: Place, examination: Examination) -> Reading:
    """Check the header against the data, and examine pickled objects."""
    reading = Reading("npy")
    try:
        array = npy.read(source)
    except InputError as error:
        reading.problem = error.message
        reading.rest = [(8, source.size)]
        return reading
    end = array.start + array.bytes
    if array.element.objects:
        objects = Slice(source, array.start, source.size - array.start)
        examination.examine(objects, Place(f"{place.path}!objects", "", place.depth + 1))
    elif array.bytes >= 1 << 63:
        reading.fact(Overflow("npy", f"an array of shape {array.shape} has more bytes than can be counted"))
    elif end > source.size:
        reading.problem = f"its data break off: there are {source.size - array.start} of {array.bytes} bytes"
    else:
        reading.rest = [(end, source.size)]
    return reading
