from __future__ import annotations

import pytest
from tests.formats.assemble import (
    BUILD,
    EMPTY_DICT,
    EMPTY_TUPLE,
    NONE,
    SHELL,
    call,
    checkpoint,
    data,
    fetch,
    legacy,
    number,
    pickle,
    storage,
    tensor,
    text,
    tup,
)  # fmt: skip
from tests.formats.assemble_archives import floats
from tests.formats.test_joblib import dtype, shape, wrapper
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict
from modelward.formats.source import BytesSource
from modelward.scan.examination import Examination, Place


def test_every_stream_of_a_file_is_read() -> None:
    sample = pickle(number(1)) * 3 + pickle(SHELL) + pickle(number(1))
    assert rules(sample) == ["pickle-unsafe-call"]
    assert unexamined(sample) == {}


def test_offsets_are_those_of_the_file() -> None:
    first = pickle(number(1))
    (finding,) = examine(first + pickle(SHELL)).findings
    assert finding.offset == len(first) + len(pickle(SHELL)) - 2


def test_words_of_a_vocabulary_are_no_pickle() -> None:
    words = b"cat\ndog\nbird\n"
    assert rules(words, "vocab.txt") == []
    assert unexamined(words, "vocab.txt") == {}


@pytest.mark.parametrize("noise", [b"\x80\xff\xfe", b"cnot a\xff\nmodule\n", b"\x00" * 40, b"]]]]]]\xff"])
def test_bytes_that_only_begin_like_a_pickle_are_no_pickle(noise: bytes) -> None:
    report = examine(noise)
    assert report.findings == []
    assert "pickle" not in [entry.format for entry in report.coverage]


def test_nested_pickle_has_its_own_place() -> None:
    sample = pickle(call("torch.storage", "_load_from_bytes", data(pickle(SHELL))))
    (finding,) = examine(sample).findings
    assert finding.path == f"model.bin!byte {len(sample) - 2}"


def test_nested_pickle_that_cannot_be_told_is_not_examined() -> None:
    built = call("_codecs", "encode", text("€"), text("latin1"))
    assert "what they should be" in next(
        iter(unexamined(pickle(call("torch.storage", "_load_from_bytes", built))).values())
    )


def test_persistent_ids_have_no_meaning_outside_of_a_checkpoint() -> None:
    assert rules(pickle(storage())) == ["pickle-unexpected-use"]


def test_legacy_checkpoint_with_its_storages() -> None:
    sample = legacy(tensor("a", 2, view=NONE), keys=("a",), storages=number(2)[1:] + bytes(4) + bytes(8))
    report = examine(sample)
    assert report.findings == []
    assert report.verdict is Verdict.CLEAN


def test_legacy_checkpoint_whose_storage_is_cut() -> None:
    sample = legacy(tensor("a", 2, view=NONE), keys=("a",), storages=number(2)[1:] + bytes(4) + bytes(7))
    assert rules(sample) == ["torch-storage-mismatch"]


def test_legacy_checkpoint_that_breaks_off() -> None:
    magic_only = legacy(NONE)[:15]
    assert unexamined(magic_only) == {"model.bin": "the checkpoint breaks off"}


def test_payload_behind_the_storages_of_a_legacy_checkpoint() -> None:
    sample = legacy(tensor("a", 2, view=NONE), keys=("a",), storages=number(2)[1:] + bytes(4) + bytes(8))
    for gap in (b"", b"junk"):
        assert examine(sample + gap + pickle(SHELL)).verdict is Verdict.MALICIOUS


def test_payload_in_any_stream_of_a_legacy_checkpoint() -> None:
    for part in (legacy(SHELL), legacy(NONE) + pickle(SHELL)):
        assert examine(part).verdict is not Verdict.CLEAN
    assert rules(legacy(SHELL)) == ["pickle-unsafe-call"]


def test_flood_of_unknown_globals_does_not_hide_a_call() -> None:
    flood = b"".join(call(f"m{n}", "f") for n in range(500))
    found = rules(pickle(flood, SHELL))
    assert found.count("pickle-unsafe-call") == 1
    assert found.count("pickle-unknown-global") == 101


def test_state_dict_with_its_metadata() -> None:
    ordered = call("collections", "OrderedDict") + b"(" + text("w") + tensor("a", 2, view=NONE) + b"u"
    state = ordered + EMPTY_DICT + text("_metadata") + call("collections", "OrderedDict") + b"sb"
    sample = legacy(state, keys=("a",), storages=number(2)[1:] + bytes(4) + bytes(8))
    assert examine(sample).verdict is Verdict.CLEAN


def test_class_of_a_layer_in_an_old_checkpoint_counts_as_the_class() -> None:
    def layer(module: str, name: str) -> bytes:
        pid = tup(text("module"), fetch(module, name), text("net.py"), text("class Net: ...")) + b"Q"
        return pid + EMPTY_TUPLE + b"\x81" + EMPTY_DICT + BUILD

    assert rules(legacy(layer("torch.nn.modules.linear", "Identity"))) == []
    assert set(rules(legacy(layer("m", "Net")))) == {"pickle-unknown-global"}
    assert "pickle-unsafe-call" in rules(legacy(layer("subprocess", "Popen")))
    assert "pickle-unexpected-use" in rules(checkpoint(layer("torch.nn.modules.linear", "Identity")).bytes())


def test_garbage_behind_the_payload() -> None:
    """nullifAI: the stream breaks after its call, where scanners gave up."""
    report = examine(pickle(SHELL)[:-1] + b"\xff garbage", "model.pth")
    assert report.verdict is Verdict.MALICIOUS
    assert not report.coverage[0].examined


@pytest.mark.parametrize("gap", [b"", b"\xff\xfe" * 9, b"\0" * 99, b"N" * 5])
def test_stream_hidden_behind_the_last(gap: bytes) -> None:
    assert "pickle-unsafe-call" in rules(pickle(number(1)) + gap + pickle(SHELL) + b"\xff")


def test_stream_hidden_behind_a_break() -> None:
    assert "pickle-unsafe-call" in rules(pickle(number(1))[:-1] + b"\xff" + pickle(SHELL))


def test_what_stands_behind_the_last_stream_is_examined_as_what_it_is() -> None:
    assert unexamined(pickle(number(1)) + bytes(64)) == {}
    assert unexamined(pickle(number(1)) + b"\xff\xfe\xfd") == {
        "model.bin!byte 8": "unknown format, starts ff fe fd"
    }
    assert set(rules(pickle(number(1)) + floats(1, bytes(8)) + pickle(SHELL))) == {"pickle-unsafe-call"}


def test_payload_between_the_arrays_of_a_joblib_file() -> None:
    array = wrapper(shape(2), dtype()) + b"\xff" * 16
    assert "pickle-unsafe-call" in rules(pickle(array, SHELL, array), "m.joblib")
    assert "pickle-unsafe-call" in rules(pickle(wrapper(shape(2), dtype("O")) + pickle(SHELL)), "m.joblib")


def test_joblib_array_that_is_a_program_to_pickle_load() -> None:
    sample = pickle(wrapper(shape(8), dtype()) + SHELL.ljust(64, b"N"))
    assert "pickle-unsafe-call" in rules(sample, "m.pkl")


def test_joblib_array_in_a_file_elsewhere() -> None:
    sample = pickle(wrapper(text("filename") + text("../../evil.npy"), name="NDArrayWrapper"))
    assert "path-escape" in rules(sample, "m.joblib")


def test_archive_as_a_value_of_a_pickle_is_no_polyglot() -> None:
    inner = checkpoint(number(1)).bytes()
    assert examine(pickle(data(inner))).verdict is Verdict.CLEAN
    assert examine(pickle(call("torch.storage", "_load_from_bytes", data(inner)))).verdict is Verdict.CLEAN
    assert rules(pickle(data(checkpoint(SHELL).bytes()))) == ["pickle-unsafe-call"]


def test_list_of_files_is_no_pickle() -> None:
    """It begins with a number, and an R comes where something would be called."""
    names = b"LICENSE\nMANIFEST.in\nREADME.md\nsetup.py\n"
    assert "pickle" not in [entry.format for entry in examine(names, "SOURCES.txt").coverage]


def test_payload_of_protocol_0_after_junk_is_found() -> None:
    assert "pickle-unsafe-call" in rules(pickle(NONE) + b"\0junk" + SHELL + b".")


def test_import_of_code_beside_a_pickle_that_breaks_off() -> None:
    for name, verdict in (("evil.py", Verdict.UNVERIFIED), ("other.py", Verdict.CLEAN)):
        examination = Examination()
        place = Place("words.txt", "words.txt", siblings=frozenset({"words.txt", name}))
        examination.examine(BytesSource(b"cevil\nrun\nzzz"), place)
        assert examination.report.verdict is verdict


def test_more_beginnings_behind_a_pickle_than_are_run_are_told() -> None:
    decoys = b"\x80\x04\x8c\xff" * 1100
    report = examine(pickle(number(1)) + decoys + pickle(SHELL), "model.pkl")
    assert report.verdict is not Verdict.CLEAN
    assert "over 1024 pickles may begin in what stands behind others" in report.coverage[0].reason
    few = examine(pickle(number(1)) + decoys[:400], "model.pkl")
    assert "1024" not in few.coverage[0].reason
