from __future__ import annotations

from modelward.data.cells import encode
from modelward.data.digesting import keyed, plain
from modelward.data.options import Options

KEY = bytes(32)


def test_labels_are_columns_of_the_index() -> None:
    options = Options(contributor=("a", "a"), source=("b",), time=("a",), label=("c",))
    assert options.labels() == [("contributor:a", "a"), ("source:b", "b"), ("time:a", "a"), ("label:c", "c")]


def test_keyed_columns_alone_are_hashed_with_the_key() -> None:
    options, cell = Options(keyed=("name",), key=KEY), encode("Ann")
    assert options.hash_of("name")(cell) == keyed(KEY)(cell)
    assert options.hash_of("text") is plain
    assert Options(keyed=("name",)).hash_of("name") is plain
