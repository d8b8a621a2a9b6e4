"""Verification from Python remembers as the command line does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import modelward
from modelward.core.errors import InputError, LimitExceeded, Rejected, UsageError
from modelward.deploy import state as kept_state
from modelward.gate import release_bundle

from .conftest import Host


def test_verify_gives_the_release(host: Host) -> None:
    verified = modelward.verify(host.path, "fraud:production", **host.release)
    assert (verified.release.stage, verified.manifest.files) == ("production", 3)


def test_verify_hashes_the_directory(host: Host) -> None:
    (host.path / "config.json").write_bytes(b"[]")
    with pytest.raises(Rejected, match=r"changed: config\.json"):
        modelward.verify(host.path, "fraud:production", **host.release)


def test_the_pin_may_be_text(host: Host) -> None:
    host.load(root=str(host.town.pin))
    with pytest.raises(InputError, match="not a digest"):
        host.load(root="acme")


def test_what_was_seen_is_kept_in_the_home_of_the_user(host: Host) -> None:
    place = kept_state.place_of(host.town.pin)
    assert not place.exists()
    model = host.load()
    assert kept_state.read(place) == model.verified.state


def test_a_release_older_than_the_kept_one_is_refused(host: Host, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    kept = host.load(state=state).verified.state
    kept_state.write(state, msgspec.structs.replace(kept, sequences={"fraud:production": 7}))
    with pytest.raises(Rejected, match="a later release"):
        host.load(state=state)
    with pytest.raises(Rejected, match="a later release"):
        modelward.verify(host.path, "fraud:production", **host.release, state=state)


def test_without_state_nothing_is_kept(host: Host) -> None:
    host.load(state=None)
    assert not kept_state.place_of(host.town.pin).parent.exists()


def test_what_failed_is_not_kept(host: Host, tmp_path: Path) -> None:
    (host.path / "config.json").unlink()
    with pytest.raises(Rejected):
        host.load(state=tmp_path / "state.json")
    assert not (tmp_path / "state.json").exists()


def test_state_that_cannot_be_kept_is_step_13(host: Host) -> None:
    with pytest.raises(InputError, match=r"step 13.*cannot be kept"):
        host.load(state=Path("/proc/nothing/state.json"))


@pytest.mark.parametrize("place", ["fraud", "fraud:", ":production", ""])
def test_a_place_is_a_model_and_a_stage(host: Host, place: str) -> None:
    with pytest.raises(UsageError, match="not a stage"):
        modelward.verify(host.path, place, **host.release)


def test_a_missing_bundle(host: Host, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no release bundle"):
        host.load(bundle=tmp_path / "missing.json")


def test_a_bundle_over_the_cap_is_not_read_whole(host: Host, tmp_path: Path) -> None:
    vast = tmp_path / "vast.json"
    with vast.open("wb") as stream:
        stream.truncate(release_bundle.MAX_BYTES * 1000)
    with pytest.raises(LimitExceeded):
        host.load(bundle=vast)


def test_the_command_needs_nothing_of_the_registry_or_the_gate(host: Host) -> None:
    """Its start-up is most of what it costs (benchmarks/verify.py)."""
    arguments = ["verify", str(host.path), "--for", "fraud:production"]
    arguments += ["--bundle", str(host.town.bundle()), "--root", str(host.town.pin)]
    program = (
        f"import sys\nfrom modelward.cli import main\ntry: main({arguments!r})\n"
        "except SystemExit as end: print(end.code, *sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    answer = run.stdout.splitlines()
    assert answer[0] == "VERIFIED: fraud@1 may run in production"
    code, *modules = answer[-1].split()
    assert code == "0"
    assert {"alembic", "cedarpy", "cel_expr_python", "numpy", "obstore", "pyarrow", "sqlalchemy"}.isdisjoint(
        modules
    )
