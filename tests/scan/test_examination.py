"""Every reading that a loader could choose is tried; nothing unexamined is clean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.assemble import (
    NONE,
    SHELL,
    STOP,
    Zip,
    call,
    checkpoint,
    data,
    good_safetensors,
    legacy,
    number,
    pickle,
    run,
    safetensors,
    tensor,
    text,
)  # fmt: skip
from tests.formats.assemble_archives import tar
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.budget import Budget
from modelward.formats.source import BytesSource

EVIL = pickle(SHELL)
FLOATS = bytes(16)


@pytest.mark.parametrize(
    "sample",
    [
        EVIL,
        EVIL[:-1],
        EVIL + b"\xff\xff",
        pickle(number(1)) + EVIL,
        b"cposix\nsystem\n(S'id'\ntR.",
        Zip().add("archive/data.pkl", EVIL).bytes(),
        Zip().add("weights.npy", EVIL, deflate=True).bytes(),
        Zip().add("a", b"x").add("hidden", EVIL, local_only=True).bytes(),
        Zip().add("a", EVIL, flags=1).bytes(),
        Zip().add("inner.zip", Zip().add("deep", EVIL).bytes()).bytes(),
        Zip().add("a", b"x").bytes(comment=Zip().add("b", EVIL).bytes()),
        EVIL + Zip().add("a", b"x").bytes(),
        Zip().add("a", EVIL).bytes(prefix=b"#!/bin/sh\n"),
        good_safetensors() + Zip().add("a", EVIL).bytes(),
        pickle(call("torch.storage", "_load_from_bytes", data(EVIL))),
        pickle(
            call(
                "torch.storage",
                "_load_from_bytes",
                call("_codecs", "encode", text(EVIL.decode("latin-1")), text("latin1")),
            )
        ),
        pickle(call("torch.storage", "_load_from_bytes", data(checkpoint(SHELL).bytes()))),
        checkpoint(tensor(), storages={"0": EVIL}).bytes(),
        legacy(SHELL),
        EVIL[:2] + b"\x95\x04\0\0\0\0\0\0\0" + EVIL[2:],
    ],
)
@pytest.mark.parametrize(
    "name", ["model.bin", "model.safetensors", "README.md", "config.json", "picture.png", ""]
)
def test_payload_is_found_wherever_it_is_and_whatever_the_file_is_called(sample: bytes, name: str) -> None:
    assert examine(sample, name).verdict is Verdict.MALICIOUS


def test_safetensors_file_that_is_also_a_pickle() -> None:
    """`T` and `V` swallow the header as strings; the payload is the bytes of a tensor."""
    payload = SHELL + STOP
    begin = b'{"__metadata__":{"a":"' + b"x" * 15 + b"V"  # where the 40 bytes of T end
    tensor = b'"},"t":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (len(payload), len(payload))
    length = (40 << 8) + ord("T")
    header = begin + b"x" * (length - len(begin) - len(tensor) - 1) + tensor + b"\n"
    sample = safetensors(header, payload)
    assert run(sample)[0].trouble is None
    assert set(rules(sample, "model.safetensors")) == {"pickle-unsafe-call", "polyglot"}


@pytest.mark.parametrize(
    ("sample", "name", "formats"),
    [
        (good_safetensors(), "model.safetensors", ["safetensors"]),
        (pickle(number(1)), "x.pkl", ["pickle"]),
        (b"(I1\nI2\ntp0\n.", "x.pkl", ["pickle"]),
        (b'{"a": [1]}', "config.json", ["json"]),
        (b"# words", "README.md", ["text"]),
        (b"", "anything", ["empty"]),
        (legacy(NONE), "pytorch_model.bin", ["torch legacy"]),
        (
            checkpoint(tensor(), storages={"0": FLOATS}).bytes(),
            "pytorch_model.bin",
            ["torch", "pickle", "text", "torch storage", "text"],
        ),
    ],
)
def test_sound_files_are_clean(sample: bytes, name: str, formats: list[str]) -> None:
    report = examine(sample, name)
    assert report.findings == []
    assert [entry.format for entry in report.coverage] == formats
    assert report.verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("sample", "name", "reason"),
    [
        (b"\x00\x01\x02\x03", "README.md", "unknown format, starts 00 01 02"),
        (b"def f(:", "modeling.py", "it is not Python 3: invalid syntax (line 1)"),
        (pickle(number(1)) + b"\xff\xfe\xfd", "x.pkl", "unknown format, starts ff fe fd"),
        (pickle(number(1))[:-1], "x.pkl", "the pickle cannot be read to its end: it breaks off at byte 7"),
    ],
)
def test_what_is_not_examined_is_incomplete_and_says_why(sample: bytes, name: str, reason: str) -> None:
    report = examine(sample, name)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.findings == []
    assert next(entry.reason for entry in report.coverage if not entry.examined) == reason


def test_one_file_that_is_two_formats() -> None:
    assert "polyglot" in rules(pickle(number(1)) + Zip().add("a", b"x").bytes())


def test_nesting_past_the_bound_is_incomplete() -> None:
    inner = Zip().add("README", b"x").bytes()
    for _ in range(12):
        inner = Zip().add("z", inner).bytes()
    report = examine(inner)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.coverage[-1].reason == "it is nested over 8 levels deep"


def test_budget_is_shared_by_all_members() -> None:
    sample = Zip().add("README", b" " * 60, deflate=True).add("NOTICE", b" " * 60, deflate=True).bytes()
    report = examine(sample, budget=Budget(expanded_bytes=100))
    assert [entry.examined for entry in report.coverage] == [True, True, False]
    assert report.verdict is Verdict.INCOMPLETE


def test_storage_that_nothing_refers_to_is_not_examined() -> None:
    sample = checkpoint(tensor(), storages={"0": FLOATS, "1": b"\xfe" * 16}).bytes()
    assert list(unexamined(sample)) == ["model.bin!archive/data/1"]


def test_code_in_a_checkpoint_is_examined() -> None:
    code = b"import os\nos.system('id')\n"
    sample = checkpoint(tensor(), storages={"0": FLOATS}).add("archive/code/x.py", code).bytes()
    report = examine(sample)
    assert [(found.rule, found.path) for found in report.findings] == [
        ("harmful-code", "model.bin!archive/code/x.py")
    ]
    assert unexamined(sample) == {}


def test_a_defect_of_a_reader_is_incomplete_and_stops_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    from modelward.scan.examination import Examination, Place
    from modelward.scan.readers import reader, text

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(text, "read", broken)
    reader.cache_clear()
    try:
        examination = Examination()
        sample = Zip().add("a.txt", b"text").add("evil.pkl", EVIL).bytes()
        examination.examine(BytesSource(sample), Place("m", "m"))
    finally:
        reader.cache_clear()
    report = examination.report
    assert "pickle-unsafe-call" in [finding.rule for finding in report.findings]
    (reason,) = [entry.reason for entry in report.coverage if not entry.examined]
    assert reason == "modelward failed to read it (ZeroDivisionError: division by zero); please report it"


def test_a_broken_reader_of_text_is_told_though_another_reads_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from modelward.scan.examination import Examination, Place
    from modelward.scan.readers import reader, text

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(text, "read", broken)
    reader.cache_clear()
    try:
        examination = Examination()
        examination.examine(BytesSource(b"<?xml version='1.0'?><a>text</a>"), Place("m.xml", "m.xml"))
    finally:
        reader.cache_clear()
    assert examination.report.verdict is Verdict.INCOMPLETE
    assert examination.report.findings == []


def test_raw_bytes_that_lie_too_deep_are_not_examined() -> None:
    from modelward.scan.examination import Examination, Place

    examination = Examination()
    examination.examine(BytesSource(EVIL), Place("x", "x", depth=999, raw="HDF5 data"))
    assert [entry.examined for entry in examination.report.coverage] == [False]


def test_a_broken_archive_behind_a_picture_is_told() -> None:
    broken = bytearray(Zip().add("a", b"x").add("data.pkl", EVIL).bytes())
    entry = broken.rindex(b"PK\x01\x02")
    broken[entry + 32] = 255  # the length of the last comment
    assert examine(b"\xff\xd8\xff\xe0" + bytes(60) + bytes(broken)).verdict is not Verdict.CLEAN


def _prelude(size: int) -> bytes:
    """A tar's header that is a sound pickle too, of an extension of so many bytes."""
    header = bytearray(512)
    header[:4] = pickle(number(1))[:4]
    header[: len(pickle(number(1)))] = pickle(number(1))
    header[100:124] = b"0000644\x000000000\x000000000\x00"
    header[124:136] = b"%011o\0" % size
    header[136:148] = b"00000000000\0"
    header[156:157] = b"L"
    header[257:265] = b"ustar  \0"
    header[148:156] = b"%06o\0 " % (sum(header) + 8 * 32)
    return bytes(header)


def test_an_archive_that_its_reader_gives_up_does_not_vanish_beside_a_sound_pickle() -> None:
    size = 2 << 20
    sample = _prelude(size) + bytes(size) + tar({"x": EVIL})
    report = examine(sample, "model.pt")
    assert report.verdict is not Verdict.CLEAN
    assert "a name in it is over a mebibyte" in [entry.reason for entry in report.coverage]


def test_payload_in_raw_bytes_that_cannot_be_read_to_its_end() -> None:
    from modelward.scan.examination import Examination, Place

    def raw(data: bytes) -> Verdict:
        examination = Examination()
        examination.examine(BytesSource(data), Place("x", "x", raw="MessagePack data"))
        return examination.report.verdict

    framed = b"\x80\x04\x95\x20\0\0\0\0\0\0\0"
    assert raw(framed + b"\xff" * 40) is Verdict.INCOMPLETE
    assert raw(EVIL[:-1]) is Verdict.MALICIOUS
    for near in (b"\x80\x04\xff\xfe", b"\x80\x02\0\0\x80\x3f", bytes(40)):
        assert raw(near) is Verdict.CLEAN


def test_text_in_place_of_a_pickle_that_finds_something_is_told() -> None:
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "run this")
    assert rules(f"ID3 {tags}".encode(), "m.bin") == ["hidden-text"]
    assert examine(b"words of a model", "m.bin").findings == []


SEEDS = [
    EVIL,
    checkpoint(tensor(), storages={"0": FLOATS}).bytes(),
    good_safetensors(),
    legacy(NONE),
    b'{"a": {"b": [1]}}',
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=5),
    st.integers(0, 30),
)
@settings(max_examples=max(300, settings.default.max_examples))
def test_damaged_files_end_in_a_report(seed: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    sample = bytearray(seed)
    for at, value in changes:
        sample[at % len(sample)] = value
    report = examine(bytes(sample[: len(sample) - cut]))
    assert report.coverage


@given(st.binary(max_size=200))
@settings(max_examples=max(300, settings.default.max_examples))
def test_random_bytes_are_never_malicious(sample: bytes) -> None:
    assert examine(sample).verdict in (Verdict.INCOMPLETE, Verdict.CLEAN, Verdict.UNVERIFIED)


def test_page_that_is_a_template_is_one_thing() -> None:
    assert examine(b"<p>{{ name }}</p>\n", "page.jinja").verdict is Verdict.CLEAN
    evil = b"<p>{{ ''.__class__.__mro__ }}</p>\n"
    assert examine(evil, "page.jinja").verdict is Verdict.MALICIOUS
