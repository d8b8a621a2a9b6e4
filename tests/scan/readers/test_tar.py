from __future__ import annotations

import struct
import tarfile

from tests.formats.assemble import EMPTY_DICT, EMPTY_LIST, SHELL, fetch, number, pickle, text, tup
from tests.formats.assemble_archives import tar
from tests.scan.examine import examine, rules, unexamined

from modelward.core.finding import Verdict

EVIL, GOOD = pickle(SHELL), pickle(number(1))


def test_members_are_examined_where_they_lie() -> None:
    (finding,) = examine(tar({"model_config.yaml": b"a: 1\n", "w.ckpt": EVIL}), "m.nemo").findings
    assert finding.path == "m.nemo!w.ckpt"
    assert examine(tar({"a.pkl": GOOD, "README.md": b"x"})).verdict is Verdict.CLEAN


def test_tar_slip_by_names_and_links() -> None:
    assert rules(tar({"../a": b""})) == ["path-escape"]
    assert rules(tar({"/etc/cron.d/a": b""})) == ["path-escape"]
    assert rules(tar({}, links=(("a", tarfile.SYMTYPE, "/etc"),))) == ["path-escape"]
    assert rules(tar({}, links=(("a", tarfile.LNKTYPE, "../x"),))) == ["path-escape"]
    assert (
        rules(tar({"a": GOOD}, links=(("d/b", tarfile.SYMTYPE, "../a"), ("c", tarfile.LNKTYPE, "a")))) == []
    )


def test_payload_in_a_second_archive_or_behind_the_end() -> None:
    assert "pickle-unsafe-call" in rules(tar({"a": GOOD}) + tar({"b": EVIL}))
    assert rules(tar({"a": GOOD}) + EVIL) == ["pickle-unsafe-call"]


def test_payload_in_the_second_member_of_a_name() -> None:
    assert set(rules(tar({"a": GOOD})[:1024] + tar({"a": EVIL}))) == {
        "pickle-unsafe-call",
        "archive-ambiguous",
    }


def test_payload_in_a_member_that_breaks_off() -> None:
    sample = tar({"a": EVIL + bytes(2000)})[:700]
    assert rules(sample) == ["pickle-unsafe-call"]
    assert "model.bin!a" in unexamined(sample)


STORAGES = (
    pickle(number(1))
    + pickle(tup(text("7"), text("cpu"), fetch("torch", "FloatStorage")))
    + struct.pack("<q", 2)
    + bytes(8)
    + pickle(EMPTY_LIST)
)
TENSORS = (
    pickle(number(1))
    + pickle(tup(text("9"), text("7"), fetch("torch", "FloatTensor")))
    + struct.pack("<ii", 1, 0)
    + struct.pack("<qqq", 2, 1, 0)
)


def torch_tar(*main: bytes, storages: bytes = STORAGES) -> bytes:
    parts = {
        "sys_info": pickle(EMPTY_DICT),
        "pickle": pickle(*main),
        "storages": storages,
        "tensors": TENSORS,
    }
    return tar(parts)


def test_oldest_torch_checkpoint_is_read_to_its_end() -> None:
    report = examine(torch_tar(text("9"), b"Q"), "m.pt")
    assert {entry.format for entry in report.coverage} == {"torch tar", "pickle"}
    assert all(entry.examined for entry in report.coverage)
    assert Verdict.MALICIOUS is not report.verdict


def test_payload_in_the_oldest_torch_checkpoint() -> None:
    assert "pickle-unsafe-call" in rules(torch_tar(SHELL))
    assert "pickle-unsafe-call" in rules(torch_tar(text("9"), b"Q", storages=STORAGES + EVIL))
