from __future__ import annotations

from tests.formats.assemble import SHELL, pickle
from tests.formats.assemble_msgpack import array, pack
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

MODEL = pack({"params": {"kernel": array([3, 4])}})


def test_checkpoint_is_clean() -> None:
    assert examine(MODEL, "flax_model.msgpack").verdict is Verdict.CLEAN


def test_pickle_in_an_array_of_objects() -> None:
    data = pack({"nd": True, "kind": "O", "data": pickle(SHELL)})
    assert "pickle-unsafe-call" in rules(data, "model.msgpack")


def test_shape_made_to_overflow() -> None:
    assert rules(pack({"a": array([1 << 62, 1 << 62], data=b"")}), "m.msgpack") == ["header-overflow"]


def test_checkpoint_that_breaks_off_is_incomplete() -> None:
    assert unexamined(MODEL[:-3], "m.msgpack")


def test_pickles_are_none() -> None:
    assert examine(pickle(b"]"), "model.pkl").coverage[0].format == "pickle"


def test_list_of_words() -> None:
    assert examine(pack([{"format": "cB"}, ["the", "of"]]), "large_en.msgpack").verdict is Verdict.CLEAN
    assert examine(pack(["the"] * 20)[:-2], "words").verdict is Verdict.INCOMPLETE
