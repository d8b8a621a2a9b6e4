from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelward.artifact.hashing import hash_file, hash_tree


def run(*arguments: str | bytes, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "modelward", "digest", *arguments], cwd=cwd, capture_output=True, check=False
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model" / "sub").mkdir(parents=True)
    (tmp_path / "model" / "config.json").write_text("{}")
    (tmp_path / "model" / "sub" / "größe.bin").write_bytes(bytes(1000))
    return tmp_path / "model"


def test_digest_stands_alone_on_stdout(model: Path) -> None:
    done = run("model", cwd=model.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == f"{hash_tree(model).digest}\n"
    done = run("model/config.json", cwd=model.parent)
    assert done.stdout.decode() == f"{hash_file(model / 'config.json')}\n"


def test_several_paths_are_named(model: Path) -> None:
    done = run("model", "model/config.json", cwd=model.parent)
    lines = done.stdout.decode().splitlines()
    assert lines == [
        f"{hash_tree(model).digest}  model",
        f"{hash_file(model / 'config.json')}  model/config.json",
    ]


@pytest.mark.parametrize("path", [".", "config.json"])
def test_manifest_is_checked_by_sha256sum(model: Path, path: str) -> None:
    done = run("--manifest", path, cwd=model)
    assert done.returncode == 0
    subprocess.run(["sha256sum", "--strict", "--status", "-c"], cwd=model, input=done.stdout, check=True)


def test_json_is_one_object(model: Path) -> None:
    answer = json.loads(run("--json", "model", "model/config.json", cwd=model.parent).stdout)
    assert answer == {
        "digests": [
            {"path": "model", "digest": str(hash_tree(model).digest), "files": 2, "bytes": 1002},
            {
                "path": "model/config.json",
                "digest": str(hash_file(model / "config.json")),
                "files": 1,
                "bytes": 2,
            },
        ]
    }
    answer = json.loads(run("--json", "--manifest", "model", cwd=model.parent).stdout)
    assert [entry["name"] for entry in answer["digests"][0]["manifest"]] == ["config.json", "sub/größe.bin"]
    assert [entry["size"] for entry in answer["digests"][0]["manifest"]] == [2, 1000]


def test_file_with_an_odd_name_has_a_digest_but_no_manifest(tmp_path: Path) -> None:
    name = b"a\\\xff\n"
    (tmp_path / os.fsdecode(name)).write_text("x")
    done = run(name, cwd=tmp_path)
    assert done.stdout.startswith(b"sha256:")
    assert json.loads(run("--json", name, cwd=tmp_path).stdout)["digests"][0]["path"] == "a\\\\xff\n".replace(
        "\\\\xff", "\\\\udcff"
    )
    assert b"a\\\\udcff\\n" in run(name, name, cwd=tmp_path).stdout
    assert run("--manifest", name, cwd=tmp_path).returncode == 2


def test_error_names_the_path_and_the_remedy_and_prints_no_digest(model: Path) -> None:
    (model / "sub" / "out").symlink_to("/etc/passwd")
    for arguments in (["model"], ["model/config.json", "model"], ["missing"], ["--json", "model"]):
        done = run(*arguments, cwd=model.parent)
        assert done.returncode == 2
        assert done.stdout == b""
        assert b"error: " in done.stderr
        assert b"help: " in done.stderr
    assert b"sub/out: the link leads out of the tree" in run("model", cwd=model.parent).stderr


def test_manifest_of_several_paths_is_a_usage_error(model: Path) -> None:
    done = run("--manifest", "model", "model", cwd=model.parent)
    assert done.returncode == 2
    assert b"one PATH" in done.stderr
