"""Small files of pictures, sound and tables, each whole."""

from __future__ import annotations

import struct

WAVE = b"RIFF" + struct.pack("<I", 26) + b"WAVE" + b"fmt \x02\0\0\0\1\0" + b"data\x04\0\0\0\1\2\3\4"
JPEG = (
    b"\xff\xd8" + b"\xff\xe0\0\x10JFIF\0" + bytes(9) + b"\xff\xda\0\x08\1\1\0\0\x3f\0"
    + b"\x12\xff\0\x34\xff\xd0\x56" + b"\xff\xd9"
)  # fmt: skip


def box(kind: bytes, data: bytes) -> bytes:
    """A box of MP4."""
    return struct.pack(">I", 8 + len(data)) + kind + data


def card(text: str) -> bytes:
    """A line of the header of FITS."""
    return text.ljust(80).encode()


def _idl() -> bytes:
    record = struct.pack(">IIII", 10, 28, 0, 0) + bytes(8)
    return b"SR\0\x04" + record + struct.pack(">IIII", 6, 0, 0, 0)


def _tiff() -> bytes:
    entries = struct.pack("<HHII", 273, 4, 1, 38) + struct.pack("<HHII", 279, 4, 1, 6)
    return b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + b"pixels"


def _avro() -> bytes:
    mark = bytes(range(16))
    return b"Obj\x01" + b"\x02\x02a\x02b\0" + mark + b"\x02\x04xy" + mark


def _netcdf() -> bytes:
    return (
        b"CDF\x01" + struct.pack(">IIII", 2, 10, 1, 1) + b"t\0\0\0" + struct.pack(">III", 0, 0, 0)
        + struct.pack(">III", 11, 1, 1) + b"x\0\0\0" + struct.pack(">IIIIIII", 1, 0, 0, 0, 4, 4, 80)
        + bytes(8)
    )  # fmt: skip


def _track_vis() -> bytes:
    header = bytearray(1000)
    header[:6] = b"TRACK\0"
    struct.pack_into("<II", header, 988, 1, 2)
    struct.pack_into("<I", header, 996, 1000)
    return bytes(header) + struct.pack("<I6f", 2, *range(6))


def _nifti() -> bytes:
    header = bytearray(352)
    struct.pack_into("<I", header, 0, 348)
    struct.pack_into("<8h", header, 40, 2, 3, 2, 0, 0, 0, 0, 0)
    struct.pack_into("<h", header, 72, 16)
    struct.pack_into("<f", header, 108, 352.0)
    header[344:348] = b"n+1\0"
    return bytes(header) + bytes(12)


def _time_zone() -> bytes:
    head = b"TZif2" + bytes(15)
    counts = struct.pack(">6I", 0, 0, 0, 0, 1, 4)
    return (head + counts + bytes(6) + b"UTC\0") * 2 + b"\nUTC0\n"


def _matlab() -> bytes:
    return b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + struct.pack("<II", 14, 8) + bytes(8)


WHOLE = {
    "JPEG": JPEG,
    "RIFF": WAVE,
    "MP4": box(b"ftyp", b"mp42") + box(b"moov", b"12") + box(b"mdat", bytes(9)),
    "MIDI": b"MThd\0\0\0\x06" + bytes(6) + b"MTrk\0\0\0\x04\0\xff\x2f\0",
    "Ogg": b"OggS" + bytes(22) + b"\x01\x05" + b"sound",
    "Matroska": b"\x1aE\xdf\xa3\x82ab" + b"\x18S\x80g\x01\0\0\0\0\0\0\x03abc",
    "font": b"OTTO\0\x01" + bytes(6) + b"CFF \0\0\0\0\0\0\0\x1c\0\0\0\x06" + b"glyphs\0\0",
    "SQLite": b"SQLite format 3\0\x02\0" + bytes(10) + b"\0\0\0\x01" + bytes(480),
    "PDF": b"%PDF-1.4\n1 0 obj\nendobj\n%%EOF\n2 0 obj\nendobj\nstartxref\n9\n%%EOF\n",
    "FITS": b"".join(
        (card("SIMPLE  =  T"), card("BITPIX  =  16"), card("NAXIS   =  1"), card("NAXIS1  =  3"), card("END"))
    ).ljust(2880)
    + bytes(2880),
    "MATLAB": _matlab(),
    "IDL": _idl(),
    "TrackVis": _track_vis(),
    "NIfTI": _nifti(),
    "time zone": _time_zone(),
    "Avro": _avro(),
    "NetCDF": _netcdf(),
    "TIFF": _tiff(),
    "glTF": b"glTF\x02\0\0\0\x10\0\0\0" + b"JSON",
    "CRFsuite": b"lCRF\x0c\0\0\0FOMC",
}
