"""What is remembered only grows, however many verifiers remember at once."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from modelward.core.digest import Digest
from modelward.core.errors import InputError, Rejected
from modelward.deploy import state
from modelward.deploy.state import KeptState, joined

NOBODY = 65534


def root(number: int) -> str:
    return f"sha256:{number:064x}"


def kept(number: int = 1, **fields: Any) -> KeptState:
    """What is seen at the time `number`."""
    values: dict[str, Any] = {
        "trust_version": number,
        "trust_digest": root(number),
        "log_size": number,
        "log_root": root(number),
        "status_issued_at": f"2026-01-01T00:00:{number:02}Z",
        "newest_time": f"2026-01-01T00:00:{number:02}Z",
        "sequences": {"fraud:production": number},
    }
    return KeptState(**(values | fields))


def test_nothing_is_remembered_at_first(tmp_path: Path) -> None:
    assert state.read(tmp_path / "none.json") is None


def test_the_file_is_named_after_the_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELWARD_HOME", str(tmp_path))
    pin = Digest.sha256(b"acme")
    assert state.place_of(pin) == tmp_path / "state" / f"{pin.value}.json"


def test_what_is_written_is_read_again_by_everybody(tmp_path: Path) -> None:
    path = tmp_path / "state" / "x.json"
    assert state.write(path, kept(3))
    assert state.read(path) == kept(3)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_same_again_is_not_written(tmp_path: Path) -> None:
    state.write(tmp_path / "x.json", kept(3))
    before = (tmp_path / "x.json").stat().st_ino
    assert state.write(tmp_path / "x.json", kept(3))
    assert (tmp_path / "x.json").stat().st_ino == before


def test_a_slow_verifier_of_an_older_bundle_does_not_take_the_newer_one_back(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    state.write(path, kept(3))
    state.write(path, kept(2, sequences={"other:dev": 9}))
    assert state.read(path) == kept(3, sequences={"fraud:production": 3, "other:dev": 9})


def test_many_verifiers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with ThreadPoolExecutor(8) as pool:
        written = pool.map(lambda n: state.write(path, kept(sequences={f"m{n}:dev": n})), range(1, 40))
        assert all(written)
    found = state.read(path)
    assert found is not None
    assert found.sequences == {f"m{n}:dev": n for n in range(1, 40)}


def test_joining_takes_the_newest_of_each() -> None:
    one = kept(2, newest_time="2026-01-01T00:00:09Z")
    two = kept(1, log_size=5, log_root=root(5), status_issued_at="2026-01-01T00:00:08Z")
    expected = kept(
        2,
        log_size=5,
        log_root=root(5),
        status_issued_at="2026-01-01T00:00:08Z",
        newest_time="2026-01-01T00:00:09Z",
    )
    assert joined(one, two) == joined(two, one) == expected


@pytest.mark.parametrize("field", ["trust_digest", "log_root"])
def test_two_histories_shown_to_two_verifiers_at_once(tmp_path: Path, field: str) -> None:
    state.write(tmp_path / "x.json", kept(3))
    with pytest.raises(Rejected, match="at the same time"):
        state.write(tmp_path / "x.json", msgspec.structs.replace(kept(3), **{field: root(9)}))
    assert state.read(tmp_path / "x.json") == kept(3)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b'{"trustVersion": 1}'])
def test_damage_is_an_error_and_never_a_fresh_start(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        state.read(path)
    assert caught.value.where == str(path)
    with pytest.raises(InputError):
        state.write(path, kept())
    assert path.read_bytes() == data


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory that this process may read and not write, as a served process should find it."""
    place = Path(tempfile.mkdtemp())
    state.write(place / "x.json", kept(3))
    place.chmod(0o555)
    user = os.geteuid()
    if user == 0:  # root may write anywhere
        os.seteuid(NOBODY)
    yield place
    if user == 0:
        os.seteuid(0)
    place.chmod(0o755)
    shutil.rmtree(place)


def test_a_served_process_uses_a_state_that_it_cannot_write(served: Path) -> None:
    assert state.read(served / "x.json") == kept(3)
    assert state.write(served / "x.json", kept(4)) is False
    assert state.read(served / "x.json") == kept(3)


def test_a_state_that_can_be_neither_read_nor_written_is_an_error(served: Path) -> None:
    with pytest.raises(InputError, match="cannot be kept") as caught:
        state.write(served / "y.json", kept(4))
    assert "--state" in (caught.value.help or "")


def test_a_directory_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        state.read(tmp_path)
