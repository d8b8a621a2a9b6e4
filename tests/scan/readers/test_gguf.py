from __future__ import annotations

from tests.formats.assemble import SHELL, pickle
from tests.formats.assemble_gguf import chat_template, gguf, pair, tensor, text
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

GOOD = gguf(
    (chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}"),), (tensor("t", (8,)),), bytes(32)
)


def test_sound_file_is_clean() -> None:
    assert examine(GOOD, "m.gguf").verdict is Verdict.CLEAN


def test_template_that_leaves_its_sandbox_cve_2024_34359() -> None:
    data = gguf((chat_template("{{ ''.__class__.__mro__[1].__subclasses__() }}"),))
    assert examine(data, "m.gguf").verdict is Verdict.MALICIOUS


def test_numbers_made_to_overflow() -> None:
    assert rules(gguf(tensor_count=1 << 60), "m.gguf") == ["header-overflow"]


def test_words_in_metadata_are_data() -> None:
    name = text("calls os.system('rm -rf /') if asked")
    data = gguf((pair("general.name", 8, name), pair("../../etc/passwd", 0, b"x")))
    assert rules(data, "m.gguf") == []


def test_program_in_metadata_is_noticed() -> None:
    data = gguf((pair("general.name", 8, text("__import__('os').system('rm -rf /')")),))
    assert rules(data, "m.gguf") == ["code-in-metadata"]


def test_pickle_after_the_tensors_is_examined() -> None:
    report = examine(GOOD + pickle(SHELL), "m.gguf")
    assert report.verdict is Verdict.MALICIOUS
    assert report.findings[0].path == f"m.gguf!byte {len(GOOD)}"


def test_bytes_after_the_tensors_that_are_nothing_are_data() -> None:
    assert examine(GOOD + bytes(100), "m.gguf").verdict is Verdict.CLEAN


def test_file_that_breaks_off_is_incomplete() -> None:
    assert examine(GOOD[:-8], "m.gguf").verdict is Verdict.INCOMPLETE
    assert "m.gguf" in unexamined(GOOD[:40], "m.gguf")
