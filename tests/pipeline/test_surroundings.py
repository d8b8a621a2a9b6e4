"""What is seen of repository, interpreter and machine, and what is kept out of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelward.artifact.hashing import hash_file
from modelward.pipeline.surroundings import hardware, source_revision, toolchain, without_credentials


def git(place: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=place, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("skipped: needs git")
    git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text("pass\n")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_revision_of_a_clean_repository(repository: Path) -> None:
    found = source_revision(repository, [repository / "train.py"])
    assert found is not None
    assert found.digest == {"gitCommit": git(repository, "rev-parse", "HEAD")}
    assert found.annotations == {"dirty": False}


def test_change_that_is_not_committed_is_told(repository: Path) -> None:
    (repository / "train.py").write_text("other\n")
    found = source_revision(repository, [])
    assert found is not None
    assert found.annotations == {"dirty": True}


def test_code_that_is_in_no_commit_is_told(repository: Path) -> None:
    (repository / "new.py").write_text("pass\n")
    (repository / ".gitignore").write_text("new.py\n")
    for code, dirty in (([repository / "train.py"], False), ([repository / "new.py"], True)):
        found = source_revision(repository, code)
        assert found is not None
        assert found.annotations == {"dirty": dirty}


def test_outside_a_repository_there_is_no_revision(tmp_path: Path) -> None:
    assert source_revision(tmp_path, []) is None


def test_credentials_in_the_remote_are_not_recorded(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://bob:secret@code.example/team/repo.git?x=1")
    found = source_revision(repository, [])
    assert found is not None
    assert found.uri == "git+https://code.example/team/repo.git"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("git@code.example:team/repo.git", "ssh://code.example/team/repo.git"),
        ("ssh://bob@code.example/repo", "ssh://code.example/repo"),
        ("/home/bob/repo", "file:"),
        ("file:///home/bob/repo", "file:"),
    ],
)
def test_addresses_without_credentials(address: str, shown: str) -> None:
    assert without_credentials(address) == shown


def test_python_is_asked_for_its_packages() -> None:
    (tool,), observed = toolchain([sys.executable, "train.py"])
    assert tool.digest == hash_file(Path(sys.executable).resolve()).as_set()
    assert observed["interpreter"] == {
        "name": sys.implementation.name,
        "version": sys.version.split()[0],
    }
    assert "hypothesis" in observed["packages"]
    assert observed["packagesDigest"].startswith("sha256:")


def test_script_that_names_python_is_a_python_program(tmp_path: Path) -> None:
    script = tmp_path / "trainer"
    script.write_text(f"#!{sys.executable}\nprint()\n")
    script.chmod(0o755)
    tools, observed = toolchain([str(script)])
    assert [tool.name for tool in tools] == ["tool/trainer", f"tool/{Path(sys.executable).name}"]
    assert "hypothesis" in observed["packages"]


def test_other_program_has_no_packages() -> None:
    (tool,), observed = toolchain(["true"])
    assert tool.name == "tool/true"
    assert "packages" not in observed


def test_unknown_program_is_left_to_the_run() -> None:
    assert toolchain(["no-such-command-here"])[0] == []


def test_accelerators_are_named(tmp_path: Path) -> None:
    for number in range(2):
        card = tmp_path / f"0000:0{number}:00.0"
        card.mkdir()
        (card / "information").write_text("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ: 1\n")
    found = hardware(tmp_path)
    assert found["accelerators"] == ["NVIDIA H100 80GB HBM3"] * 2
    assert found["processors"] >= 1
