from __future__ import annotations

import struct

from tests.formats.assemble_graph import message, sentencepiece
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict


def test_a_vocabulary_is_clean_whatever_its_words() -> None:
    word = message((1, "__import__('os').system('id')"), (2, -9.0), (3, 4))
    charsmap = struct.pack("<I", 4) + bytes(4) + b"abc"
    report = examine(sentencepiece(word, charsmap=charsmap), "tokenizer.model")
    assert (report.verdict, report.coverage[0].format) == (Verdict.CLEAN, "SentencePiece")


def test_a_table_that_is_longer_than_its_bytes_is_an_attack() -> None:
    assert rules(sentencepiece(charsmap=b"\xff\xff\xff\x7f")) == ["header-overflow"]


def test_pieces_that_are_something_else_are_noticed() -> None:
    good = [message((1, "a"), (2, -1.0))] * 50
    odd = message((1, "name"), (2, "PyFunc"))
    data = message((1, [*good, odd]), (2, message((1, "in.txt"))))
    assert rules(data, "tokenizer.model") == ["tensorflow-unsafe-operation", "malformed"]


def test_a_vocabulary_that_breaks_off_is_incomplete() -> None:
    assert examine(sentencepiece()[:-3], "tokenizer.model").verdict is Verdict.INCOMPLETE
