from __future__ import annotations

import io

import numpy as np
import pytest
from tests.formats.assemble import SHELL, Zip, pickle
from tests.formats.assemble_archives import floats, npy
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

EVIL = pickle(SHELL)
OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}"


def test_payload_in_an_array_of_objects() -> None:
    """CVE-2019-6446."""
    (finding,) = examine(npy(OBJECTS, EVIL), "x.npy").findings
    assert finding.path == "x.npy!objects"
    assert rules(Zip().add("a.npy", npy(OBJECTS, EVIL), deflate=True).bytes(), "x.npz") == [
        "pickle-unsafe-call"
    ]


def test_payload_in_objects_that_records_hold() -> None:
    header = "{'descr': [('a', '<f8'), ('b', [('c', '|O')])], 'fortran_order': False, 'shape': (1,)}"
    assert rules(npy(header, EVIL, version=3)) == ["pickle-unsafe-call"]


@pytest.mark.parametrize(
    "kind",
    [
        "'object'",
        "'f8,O'",
        "('O', (2,))",
        "{'names': ['a'], 'formats': ['O']}",
        "[(('t', 'a'), 'O')]",
        "b'O'",
    ],
)
@pytest.mark.parametrize("shape", ["(1,)", "(True,)", "(-1,)"])
def test_payload_in_objects_that_the_header_names_in_another_way(kind: str, shape: str) -> None:
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}}}"
    assert rules(npy(header, EVIL)) == ["pickle-unsafe-call"]


def test_payload_behind_the_data() -> None:
    assert rules(floats(1, bytes(8)) + EVIL) == ["pickle-unsafe-call"]
    assert unexamined(floats(1, bytes(8)) + floats(2, bytes(16)), "x.npy") == {}


def test_payload_behind_a_header_that_numpy_refuses() -> None:
    assert examine(npy("[", b"")[:8] + EVIL).verdict is Verdict.MALICIOUS


def test_numbers_that_look_like_a_pickle_are_numbers() -> None:
    assert (
        examine(floats(len(EVIL) // 8 + 1, EVIL.ljust(40, b"\0")), "x.npy").verdict is not Verdict.MALICIOUS
    )


def test_shape_that_wraps_around() -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({1 << 40}, {1 << 40})}}"
    assert rules(npy(header, bytes(8))) == ["header-overflow"]


def test_data_that_break_off() -> None:
    assert "break off" in unexamined(floats(2, bytes(8)))["model.bin"]


def test_what_numpy_saves_is_clean() -> None:
    space = io.BytesIO()
    records = np.zeros(3, [("a", "<f8"), ("b", "<U3")])
    np.savez(space, floats=np.arange(5.0), text=np.array(["é"]), records=records)
    assert examine(space.getvalue(), "x.npz").verdict is Verdict.CLEAN
    space = io.BytesIO()
    np.savez_compressed(space, objects=np.array([1, "a", None], object))
    assert examine(space.getvalue(), "x.npz").verdict is Verdict.CLEAN
