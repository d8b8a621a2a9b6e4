from __future__ import annotations

from tests.formats.assemble import checkpoint, storage, tensor
from tests.scan.examine import examine, rules


def test_storage_shorter_than_the_pickle_says() -> None:
    (finding,) = examine(checkpoint(tensor(elements=4), storages={"0": bytes(8)}).bytes()).findings
    assert finding.rule == "torch-storage-mismatch"
    assert (
        finding.message
        == "this checkpoint contradicts itself: storage '0' has 8 bytes and the pickle says 16"
    )


def test_storage_with_two_sizes() -> None:
    two = storage("0", 4) + b"0" + storage("0", 2)
    assert rules(checkpoint(two, storages={"0": bytes(16)}).bytes()) == ["torch-storage-mismatch"]


def test_near_miss() -> None:
    assert rules(checkpoint(tensor(elements=4), storages={"0": bytes(16)}).bytes()) == []
