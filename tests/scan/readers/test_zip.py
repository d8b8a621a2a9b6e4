from __future__ import annotations

from tests.formats.assemble import SHELL, Zip, checkpoint, pickle, tensor
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict


def test_members_are_named_after_the_archive() -> None:
    (finding,) = examine(checkpoint(SHELL).bytes()).findings
    assert finding.path == "model.bin!archive/data.pkl"


def test_folders_are_no_members() -> None:
    assert [entry.path for entry in examine(Zip().add("a/", b"").add("a/README", b"x").bytes()).coverage] == [
        "model.bin",
        "model.bin!a/README",
    ]


def test_method_that_is_not_read_is_not_examined() -> None:
    data = bytearray(Zip().add("a", b"x").bytes())
    data[8] = data[data.index(b"PK\x01\x02") + 10] = 99
    assert unexamined(bytes(data)) == {
        "model.bin!a": "it is compressed by AES, and encrypted, which this version does not read"
    }


def test_storage_of_another_size() -> None:
    assert rules(checkpoint(tensor(elements=4), storages={"0": bytes(15)}).bytes()) == [
        "torch-storage-mismatch"
    ]


def test_storage_that_is_missing() -> None:
    assert rules(checkpoint(tensor()).bytes()) == ["torch-storage-mismatch"]


def test_data_pkl_in_other_letters_is_read_as_torch_reads_it() -> None:
    archive = Zip().add("archive/data.pkl", pickle(tensor())).add("archive/DATA.PKL", pickle(SHELL))
    assert examine(archive.add("archive/data/0", bytes(16)).bytes()).verdict is Verdict.MALICIOUS


def test_broken_directory_is_not_clean() -> None:
    data = bytearray(Zip().add("README", b"x").add("NOTICE", b"y").bytes())
    data[data.rindex(b"PK\x01\x02")] = 0
    assert examine(bytes(data)).verdict is Verdict.INCOMPLETE


def test_bytes_before_the_archive_are_examined_on_their_own() -> None:
    assert unexamined(Zip().add("README", b"x").bytes(prefix=b"\xfe\xff\xfe")) == {
        "model.bin!byte 0": "unknown format, starts fe ff fe"
    }
