from __future__ import annotations

from tests.formats.assemble import SHELL, Zip, checkpoint, number, pickle, tensor
from tests.scan.examine import examine, rules

from modelward.core.finding import Verdict

GOOD = pickle(tensor())


def test_payload_under_another_root_than_that_of_the_first_member() -> None:
    archive = Zip().add("a/data.pkl", GOOD).add("a/data/0", bytes(16)).add("b/data.pkl", pickle(SHELL))
    assert "pickle-unsafe-call" in rules(archive.bytes())


def test_root_is_that_of_the_first_member() -> None:
    archive = Zip().add("b/version", b"3\n").add("a/data.pkl", pickle(number(1))).add("b/data.pkl", GOOD)
    assert examine(archive.add("b/data/0", bytes(16)).bytes()).verdict is Verdict.CLEAN


def test_payload_in_a_pickle_that_torch_does_not_load_by_itself() -> None:
    for name in ("archive/extra/data.pkl", "archive/other.pkl", "archive/data/0.pkl", "archive/.data/x"):
        assert "pickle-unsafe-call" in rules(
            checkpoint(tensor(), storages={"0": bytes(16)}).add(name, pickle(SHELL)).bytes()
        )


def test_storages_of_constants_lie_in_their_own_folder() -> None:
    archive = checkpoint(tensor(), storages={"0": bytes(16)}).add("archive/constants.pkl", GOOD)
    assert rules(archive.bytes()) == ["torch-storage-mismatch"]
    assert rules(archive.add("archive/constants/0", bytes(16)).bytes()) == []
